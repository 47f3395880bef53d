//! A gate before a real server, as the server or as a proxy: it lets requests through, or does what failing servers and networks do.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use dovetail_testkit::servers::Seen;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::Collection;

/// What the gate does with a request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Lets it through, and the answer back.
    Pass,
    /// Lets it through, and the answer back, and keeps the connection as if more were welcome. The next request on it is
    /// not answered.
    PassAndSeemToKeep,
    /// Lets it through, but nothing back.
    SwallowAnswer,
    /// Answers by itself.
    Say(Vec<u8>),
    /// Lets it through with another login, and the answer back.
    PassAs(String),
    /// Closes the connection.
    Close,
    /// Is silent for so long, then closes the connection.
    Wait(Duration),
}

type Mood = Arc<dyn Fn(usize, &Seen) -> Act + Send + Sync>;

/// A gate before a server.
pub(crate) struct Gate {
    /// Its address, such as `http://127.0.0.1:40000`.
    pub(crate) address: String,
    state: Arc<State>,
}

struct State {
    /// The server's host and port.
    behind: String,
    tls: Option<Arc<ServerConfig>>,
    mood: Mutex<Mood>,
    seen: Mutex<Vec<Seen>>,
}

impl Gate {
    /// An open gate.
    pub(crate) fn before(server: &Collection) -> Gate {
        Gate::make(server, None)
    }

    /// An open gate that speaks TLS.
    pub(crate) fn secure(server: &Collection, tls: Arc<ServerConfig>) -> Gate {
        Gate::make(server, Some(tls))
    }

    fn make(server: &Collection, tls: Option<Arc<ServerConfig>>) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().expect("the port"));
        let state = Arc::new(State {
            behind: server.authority().to_owned(),
            tls,
            mood: Mutex::new(Arc::new(|_, _| Act::Pass)),
            seen: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || state.serve(stream));
            }
        });
        Gate { address, state }
    }

    /// From now on: what is done with each request. Requests are counted from 0, and those seen before are forgotten.
    pub(crate) fn set(&self, mood: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static) {
        *lock(&self.state.mood) = Arc::new(mood);
        lock(&self.state.seen).clear();
    }

    /// From now on, every request is answered so.
    pub(crate) fn say(&self, answer: Vec<u8>) {
        self.set(move |_, _| Act::Say(answer.clone()));
    }

    /// From now on, every request is let through.
    pub(crate) fn open(&self) {
        self.set(|_, _| Act::Pass);
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        lock(&self.state.seen).clear();
    }

    /// The requests since the last change.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.state.seen).clone()
    }
}

impl State {
    fn serve(&self, stream: TcpStream) {
        // A connection that breaks is what this is about.
        let _ = match &self.tls {
            None => self.talk(stream),
            Some(config) => ServerConnection::new(Arc::clone(config))
                .map_err(std::io::Error::other)
                .and_then(|connection| {
                    let mut stream = StreamOwned::new(connection, stream);
                    let ended = self.talk(&mut stream);
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                    ended
                }),
        };
    }

    fn talk(&self, stream: impl Read + Write) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut kept = false;
        loop {
            let Some(seen) = Seen::read(&mut stream) else { return Ok(()) };
            let act = self.note(&seen);
            if kept {
                return Ok(());
            }
            match act {
                Act::Pass => return stream.get_mut().write_all(&self.pass(&seen)?),
                Act::PassAs(login) => {
                    let mut seen = seen;
                    seen.headers.retain(|(name, _)| name != "authorization");
                    seen.headers.push(("authorization".to_owned(), login));
                    return stream.get_mut().write_all(&self.pass(&seen)?);
                }
                Act::PassAndSeemToKeep => {
                    let answer = kept_alive(&self.pass(&seen)?);
                    stream.get_mut().write_all(&answer)?;
                    kept = true;
                }
                Act::SwallowAnswer => return self.pass(&seen).map(drop),
                Act::Say(answer) => return stream.get_mut().write_all(&answer),
                Act::Close => return Ok(()),
                Act::Wait(time) => {
                    thread::sleep(time);
                    return Ok(());
                }
            }
        }
    }

    fn note(&self, seen: &Seen) -> Act {
        let mood = Arc::clone(&lock(&self.mood));
        let number = {
            let mut all = lock(&self.seen);
            all.push(seen.clone());
            all.len() - 1
        };
        mood(number, seen)
    }

    /// What the server behind answers.
    fn pass(&self, seen: &Seen) -> std::io::Result<Vec<u8>> {
        // A proxy is asked for whole addresses (RFC 9112 section 3.2.2).
        let of_proxy =
            seen.path.strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
        let path = of_proxy.unwrap_or(&seen.path);
        let mut head = format!("{} {path} HTTP/1.0\r\nHost: {}\r\n", seen.method, self.behind);
        for (name, value) in seen.headers.iter().filter(|(name, _)| name != "host" && name != "connection") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut server = TcpStream::connect(&self.behind)?;
        server.write_all((head + "\r\n").as_bytes())?;
        server.write_all(&seen.body)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// The answer of a server that closes connections, as one that keeps them gives it.
fn kept_alive(answer: &[u8]) -> Vec<u8> {
    let split = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer has a head");
    let (head, body) = answer.split_at(split);
    let head = String::from_utf8_lossy(head).replacen("HTTP/1.0", "HTTP/1.1", 1);
    let kept = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("connection:") && !line.starts_with("content-length:")
    };
    let lines: Vec<&str> = head.split("\r\n").filter(kept).collect();
    let length = format!("Content-Length: {}", body.len() - 4);
    [lines.join("\r\n").as_bytes(), b"\r\n", length.as_bytes(), body].concat()
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
