//! A server that plays a script: bytes in, bytes out. What it says is up to the test, and need not be HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// Reads a request; `None` where the connection ends before it does.
    pub fn read(mut stream: impl BufRead) -> Option<Seen> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let mut words = line.split(' ').map(str::to_owned);
        let mut seen = Seen { method: words.next()?, path: words.next()?, ..Seen::default() };
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            seen.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        stream.take(length).read_to_end(&mut seen.body).ok()?;
        Some(seen)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A scripted server. It closes each connection after one answer, and listens as long as the test runs.
#[derive(Debug)]
pub struct Scripted {
    /// Its address, such as `http://127.0.0.1:40000`.
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    /// A server that answers each request by what the script makes of it; the number counts requests from 0.
    pub fn new(script: impl Fn(usize, &Seen) -> Vec<u8> + Send + Sync + 'static) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("the port"));
        let (seen, script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let log = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, script) = (log.clone(), script.clone());
                std::thread::spawn(move || serve(stream, &log, &*script));
            }
        });
        Scripted { address, seen }
    }

    /// A server that gives these answers in order, and after the last one none.
    pub fn play(answers: Vec<Vec<u8>>) -> Scripted {
        Scripted::new(move |number, _| answers.get(number).cloned().unwrap_or_default())
    }

    /// What has been asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An answer with its length.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text =
        format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    (text + "\r\n" + body).into_bytes()
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Seen>>, script: &dyn Fn(usize, &Seen) -> Vec<u8>) {
    let Some(seen) = stream.try_clone().ok().and_then(|stream| Seen::read(BufReader::new(stream))) else {
        return;
    };
    let number = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(seen.clone());
        log.len() - 1
    };
    // A client that does not wait for the answer is part of some scripts.
    let _ = (&stream).write_all(&script(number, &seen));
}
