//! The loopback address under everything that can come to it.

use std::time::Instant;

use super::*;

const STATE: &str = "the-state_of-this-sign-in";
const SOON: Duration = Duration::from_secs(3);

/// A loopback on a free port.
async fn bound() -> Loopback {
    Loopback::bind(&[0; 8], STATE.into()).await.unwrap()
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

fn right(port: u16, code: &str) -> String {
    format!("GET /callback?code={code}&state={STATE} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
}

/// Sends a request and reads the answer to its end.
async fn ask(mut stream: TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Serves while a client does its part; whatever arrives meanwhile is a failure.
async fn serving<T>(loopback: &mut Loopback, client: impl Future<Output = T>) -> T {
    tokio::select! {
        done = client => done,
        arrival = loopback.arrival() => panic!("believed {:?}", arrival.answer),
    }
}

async fn code(loopback: &mut Loopback) -> (String, Arrival) {
    let arrival = timeout(SOON, loopback.arrival()).await.expect("the right callback was not held up");
    match &arrival.answer {
        Answer::Code(code) => (code.expose().to_owned(), arrival),
        other @ Answer::Error { .. } => panic!("{other:?}"),
    }
}

fn is_free(port: u16) -> bool {
    let free = |address: IpAddr| std::net::TcpListener::bind((address, port)).map(drop);
    let six = free(Ipv6Addr::LOCALHOST.into()).map_or_else(|error| is_missing(&error), |()| true);
    free(Ipv4Addr::LOCALHOST.into()).is_ok() && six
}

#[tokio::test]
async fn forged_ones_change_nothing_and_a_repeated_one_is_refused() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    for (request, status) in [
        (format!("GET /callback?code=x&state=forged HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"), 400),
        (format!("GET /callback?state={STATE} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"), 400),
        (format!("GET /callback?error=access_denied HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"), 400),
        (format!("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"), 404),
        (right(port, "x").replace("GET", "POST"), 405),
        (right(port, "x").replace("localhost", "evil.example"), 421),
        (format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nX: {}\r\n\r\n", "x".repeat(40 << 10)), 431),
        ("no request at all\r\n\r\n".to_owned(), 400),
    ] {
        let answer = serving(&mut loopback, async { ask(connect(port).await, &request).await }).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let browser = tokio::spawn(async move { ask(connect(port).await, &right(port, "good")).await });
    let (code, arrival) = code(&mut loopback).await;
    assert_eq!(code, "good");
    let again = serving(&mut loopback, async { ask(connect(port).await, &right(port, "again")).await }).await;
    assert!(again.starts_with("HTTP/1.1 409 "), "{again}");
    arrival.show(&callback::signed_in()).await;
    assert!(browser.await.unwrap().contains("You are signed in."));
}

#[tokio::test]
async fn of_two_right_ones_at_once_one_is_believed() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    let both: Vec<_> = ["one", "two"]
        .map(|code| tokio::spawn(async move { ask(connect(port).await, &right(port, code)).await }))
        .into_iter()
        .collect();
    let (_, arrival) = code(&mut loopback).await;
    arrival.show(&callback::signed_in()).await;
    let answers = serving(&mut loopback, futures::future::join_all(both)).await;
    let answers: Vec<String> = answers.into_iter().map(Result::unwrap).collect();
    for status in ["HTTP/1.1 200 ", "HTTP/1.1 409 "] {
        assert_eq!(answers.iter().filter(|answer| answer.starts_with(status)).count(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn silent_and_trickling_clients_hold_nobody_up() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    // Far more than are served at once, each connected before the right one; half of them have begun to speak.
    let mut idle = Vec::new();
    for number in 0..3 * MOST_CONNECTIONS {
        let mut stream = serving(&mut loopback, connect(port)).await;
        if number % 2 == 0 {
            stream.write_all(b"GET /callb").await.unwrap();
        }
        idle.push(stream);
    }
    let trickle = tokio::spawn(async move {
        let mut stream = connect(port).await;
        while stream.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let browser = tokio::spawn(async move { ask(connect(port).await, &right(port, "good")).await });
    let (code, arrival) = code(&mut loopback).await;
    assert_eq!(code, "good");
    assert!(loopback.ends.len() <= MOST_CONNECTIONS && loopback.open.len() <= MOST_CONNECTIONS + 1);
    arrival.show(&callback::signed_in()).await;
    assert!(browser.await.unwrap().contains("You are signed in."));
    drop(loopback);
    timeout(SOON, trickle).await.expect("its connection was closed").unwrap();
}

#[tokio::test]
async fn a_silent_client_is_let_go() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    let begun = Instant::now();
    let silent = async {
        let mut stream = connect(port).await;
        stream.write_all(b"GET /callback?").await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    };
    assert_eq!(timeout(Duration::from_secs(15), serving(&mut loopback, silent)).await.expect("was let go"), "");
    assert!(begun.elapsed() >= READ_TIME, "{:?}", begun.elapsed());
    timeout(SOON, async {
        while !loopback.ends.is_empty() {
            let _ = timeout(Duration::from_millis(10), loopback.arrival()).await;
        }
    })
    .await
    .expect("it is forgotten");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_page_holds_nobody_up() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    let mut deaf = connect(port).await;
    deaf.write_all(right(port, "good").as_bytes()).await.unwrap();
    let (_, arrival) = code(&mut loopback).await;
    timeout(SOON, arrival.show(&"x".repeat(64 << 20))).await.expect("the page has its own limit");
}

#[tokio::test]
async fn one_request_may_come_in_pieces() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    let pieces = async move {
        let mut stream = connect(port).await;
        stream.set_nodelay(true).unwrap();
        for byte in right(port, "good").into_bytes() {
            stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let browser = tokio::spawn(pieces);
    let (code, arrival) = code(&mut loopback).await;
    assert_eq!(code, "good");
    arrival.show(&callback::signed_in()).await;
    assert!(browser.await.unwrap().contains("You are signed in."));
}

#[tokio::test]
async fn both_families_are_served_where_there_are_two() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    assert!(loopback.four.is_some());
    match (loopback.six.is_some(), std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0))) {
        (served, Err(error)) => assert!(!served && is_missing(&error), "{error}"),
        (served, Ok(_)) => {
            assert!(served);
            let ask = async {
                let stream = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
                ask(stream, &format!("GET /nothing HTTP/1.1\r\nHost: [::1]:{port}\r\n\r\n")).await
            };
            assert!(serving(&mut loopback, ask).await.starts_with("HTTP/1.1 404 "));
            let browser = tokio::spawn(async move {
                let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
                stream.write_all(right(port, "six").as_bytes()).await.unwrap();
                stream
            });
            assert_eq!(code(&mut loopback).await.0, "six");
            drop(browser.await);
        }
    }
}

#[tokio::test]
async fn dropping_it_frees_the_port_at_once() {
    let mut loopback = bound().await;
    let port = loopback.rules.port;
    let silent = serving(&mut loopback, connect(port)).await;
    let answer = serving(&mut loopback, async { ask(connect(port).await, "GET / HTTP/1.1\r\n\r\n").await }).await;
    assert!(answer.starts_with("HTTP/1.1 421 "));
    let mut waiting = Box::pin(async move { drop(loopback.arrival().await) });
    assert!(futures::poll!(&mut waiting).is_pending());
    assert!(!is_free(port));
    drop(waiting);
    Loopback::bind(&[port], STATE.into()).await.expect("the port is free");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err(), "nobody listens any more");
    drop(silent);
}

#[tokio::test]
async fn a_port_of_which_either_half_is_taken_is_passed_over() {
    let six_exists = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let hold = async |address: IpAddr| TcpListener::bind((address, 0)).await.unwrap();
    let first = hold(Ipv4Addr::LOCALHOST.into()).await;
    let second = hold(if six_exists { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() }).await;
    let ports = [&first, &second].map(|held| held.local_addr().unwrap().port());
    let Err(error) = Loopback::bind(&ports, STATE.into()).await else { panic!("took a port that is taken") };
    let Trouble::Other(words) = &error.trouble else { panic!("{error:?}") };
    assert!(ports.iter().all(|port| words.contains(&port.to_string())), "{words}");
    let third = bound().await.rules.port;
    let loopback = Loopback::bind(&[ports[0], ports[1], third], STATE.into()).await.unwrap();
    assert_eq!(loopback.redirect(), format!("http://localhost:{third}/callback"));
}
