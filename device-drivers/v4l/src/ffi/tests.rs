use super::*;

/// The numbers as a C compiler makes them of `linux/videodev2.h` on 64-bit machines.
#[test]
fn the_calls_have_the_kernels_numbers() {
    let numbers = [
        (QUERYCAP, 0x8068_5600),
        (ENUM_FMT, 0xc040_5602),
        (S_FMT, 0xc0d0_5605),
        (REQBUFS, 0xc014_5608),
        (QUERYBUF, 0xc058_5609),
        (QBUF, 0xc058_560f),
        (DQBUF, 0xc058_5611),
        (STREAMON, 0x4004_5612),
        (STREAMOFF, 0x4004_5613),
        (G_PARM, 0xc0cc_5615),
        (S_PARM, 0xc0cc_5616),
        (G_CTRL, 0xc008_561b),
        (S_CTRL, 0xc008_561c),
        (QUERYCTRL, 0xc044_5624),
        (QUERYMENU, 0xc02c_5625),
        (ENUM_FRAMESIZES, 0xc02c_564a),
        (ENUM_FRAMEINTERVALS, 0xc034_564b),
    ];
    for (ours, kernels) in numbers {
        assert_eq!(ours, kernels, "{ours:#x} is not {kernels:#x}");
    }
}

#[test]
fn a_node_that_is_no_camera_refuses_each_call() {
    let null = std::fs::File::open("/dev/null").unwrap();
    assert_eq!(query_capability(null.as_fd(), &mut Capability::default()), Err(Errno::NOTTY));
    assert_eq!(dequeue_buffer(null.as_fd(), &mut Buffer::default()), Err(Errno::NOTTY));
    assert_eq!(stream_on(null.as_fd()), Err(Errno::NOTTY));
}
