"""Templates of faces by OpenCV's own implementation of the same models: opencv_faces.py MODELS PICTURE…

Prints one JSON object: the templates in the order of the pictures, and the median time of one picture in milliseconds,
decoding left out. The network sees what ours sees: the picture with its longer side at 320 pixels.
"""
import json
import statistics
import sys
import time

import cv2

SIDE = 320


def main():
    models, *pictures = sys.argv[1:]
    cv2.setNumThreads(2)
    detector = cv2.FaceDetectorYN.create(f"{models}/face_detection_yunet_2023mar.onnx", "", (SIDE, SIDE), 0.6, 0.3)
    recogniser = cv2.FaceRecognizerSF.create(f"{models}/face_recognition_sface_2021dec.onnx", "")
    templates, times = [], []
    for path in pictures:
        picture = cv2.imread(path, cv2.IMREAD_COLOR)
        begun = time.perf_counter()
        height, width = picture.shape[:2]
        scale = SIDE / max(height, width)
        small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_LINEAR)
        canvas = cv2.copyMakeBorder(small, 0, SIDE - small.shape[0], 0, SIDE - small.shape[1], cv2.BORDER_CONSTANT)
        _, faces = detector.detect(canvas)
        if faces is None:
            templates.append(None)
            continue
        face = max(faces, key=lambda face: face[2] * face[3])
        face[:14] /= scale
        feature = recogniser.feature(recogniser.alignCrop(picture, face)).flatten()
        times.append((time.perf_counter() - begun) * 1000)
        templates.append([float(number) for number in feature])
    print(json.dumps({"version": cv2.__version__, "ms": statistics.median(times), "templates": templates}))


main()
