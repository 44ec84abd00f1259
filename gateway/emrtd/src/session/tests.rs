use super::*;
use crate::testing::{Scripted, hex};

#[test]
fn a_response_that_goes_on_is_fetched_whole() {
    let script = [("00B0000003", "01026102"), ("00C0000002", "03046100"), ("00C0000000", "059000")];
    let mut session = Session::new(Scripted::new(&script));
    let response = session.send(&Command::new([0, 0xB0, 0, 0], &[], 3)).unwrap();
    assert_eq!((response.data, response.status), (vec![1, 2, 3, 4, 5], Status::OK));
}

/// A chip that always has more.
struct Endless;

impl Transport for Endless {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        Ok(commands.iter().map(|_| hex("016101")).collect())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

/// A reader that loses responses.
struct Lossy;

impl Transport for Lossy {
    fn transmit(&mut self, _: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        Ok(Vec::new())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn no_chip_and_no_reader_holds_it_for_ever() {
    let command = Command::new([0, 0xB0, 0, 0], &[], 3);
    let error = Session::new(Endless).send(&command).unwrap_err();
    assert!(matches!(error, ChipError::Malformed { .. }), "{error}");
    let error = Session::new(Lossy).send(&command).unwrap_err();
    assert!(matches!(error, ChipError::Transport(TransportError::Failed(_))), "{error}");
    for bad in ["", "90"] {
        let mut session = Session::new(Scripted::new(&[("00B0000003", bad)]));
        assert!(matches!(session.send(&command), Err(ChipError::Malformed { .. })));
    }
}
