//! EF.SOD with the certificates in it, and the operator's files: authorities and lists of revoked certificates.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use kiosk_emrtd::passive::{TrustList, check};
use libfuzzer_sys::fuzz_target;

static TRUSTED: LazyLock<TrustList> = LazyLock::new(|| {
    let mut list = TrustList::new();
    for authority in
        [&include_bytes!("../../../emrtd/testdata/ec.crt")[..], include_bytes!("../../../emrtd/testdata/pss.crt")]
    {
        list.add_authority(authority).expect("an authority of the test data");
    }
    list.add_revoked(include_bytes!("../../../emrtd/testdata/ec.crl")).expect("its list");
    list
});

fuzz_target!(|data: &[u8]| {
    let groups = BTreeMap::from([
        (1, &include_bytes!("../../../emrtd/testdata/dg1.bin")[..]),
        (2, &include_bytes!("../../../emrtd/testdata/dg2.bin")[..]),
    ]);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    let _ = check(data, &groups, &TRUSTED, now);
    let mut list = TrustList::new();
    let _ = (list.add_authority(data), list.add_revoked(data));
});
