use super::{Clients, Plug};
use std::io::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn echo(mut wire: super::Wire) {
    let mut buffer = [0; 64];
    while let Ok(count @ 1..) = wire.read(&mut buffer).await {
        if wire.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_pulled_cable_resets_connections_and_refuses_new_ones() {
    let plug = Plug::bind(0).unwrap();
    let _serving = plug.serve(Clients::Many, echo);
    plug.insert().await;
    let mut client = TcpStream::connect(plug.address()).await.unwrap();
    client.write_all(b"x").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'x');

    plug.unplug().await;
    assert_eq!(plug.connections(), (0, 1));
    assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(TcpStream::connect(plug.address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);

    plug.insert().await;
    let mut client = TcpStream::connect(plug.address()).await.unwrap();
    client.write_all(b"y").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'y');
}

#[tokio::test]
async fn a_blink_storm_ends_with_a_working_port() {
    let plug = Plug::bind(0).unwrap();
    let _serving = plug.serve(Clients::Many, echo);
    plug.insert().await;
    for _ in 0..200 {
        plug.unplug().await;
        plug.insert().await;
    }
    let mut client = TcpStream::connect(plug.address()).await.unwrap();
    client.write_all(b"z").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'z');
}

#[tokio::test]
async fn a_device_for_one_client_serves_the_second_after_the_first() {
    let plug = Plug::bind(0).unwrap();
    let _serving = plug.serve(Clients::One, echo);
    plug.insert().await;
    let mut first = TcpStream::connect(plug.address()).await.unwrap();
    let mut second = TcpStream::connect(plug.address()).await.unwrap();
    second.write_all(b"2").await.unwrap();
    first.write_all(b"1").await.unwrap();
    assert_eq!(first.read_u8().await.unwrap(), b'1');
    assert_eq!(plug.connections(), (1, 1));
    drop(first);
    assert_eq!(second.read_u8().await.unwrap(), b'2');
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let plug = Plug::bind(0).unwrap();
    let _serving = plug.serve(Clients::Many, echo);
    plug.insert().await;
    assert_eq!(Plug::bind(plug.address().port()).unwrap_err().kind(), ErrorKind::AddrInUse);
}
