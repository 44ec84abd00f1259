"""COSE as the package `cwt` has it, which is none of ours.

    cose.py open X Y KID SIGNED         the payload
    cose.py sign SECRET X Y KID PAYLOAD a COSE_Sign1

All of it hexadecimal. Ends with 2 if it refuses.
"""

import sys

from cwt import COSE, COSEKey

KID, ALGORITHM, EC2, P256, ES256 = 4, 1, 2, 1, -7


def key(x, y, kid, secret=None):
    parameters = {1: EC2, 2: kid, 3: ES256, -1: P256, -2: x, -3: y}
    if secret:
        parameters[-4] = secret
    return COSEKey.new(parameters)


what, *arguments = sys.argv[1:]
values = [bytes.fromhex(argument) for argument in arguments]
if what == "open":
    x, y, kid, signed = values
    try:
        print(COSE.new().decode(signed, key(x, y, kid)).hex())
    except Exception as refusal:
        print(type(refusal).__name__, refusal, file=sys.stderr)
        sys.exit(2)
else:
    secret, x, y, kid, payload = values
    headers = {ALGORITHM: ES256, KID: kid}
    signed = COSE.new().encode_and_sign(payload, key(x, y, kid, secret), protected=headers, unprotected={})
    print(signed.hex())
