//! As little of HTTP/1.1 as is needed: a request, its answer, and a connection that is kept where the server keeps it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::{Result, login};

/// A server without TLS.
pub struct Server {
    authority: String,
    login: String,
}

/// A connection, once there is one.
pub struct Connection<'a> {
    server: &'a Server,
    stream: Option<BufReader<TcpStream>>,
}

impl Server {
    /// The server of a URL, and the path there.
    pub fn of(url: &str) -> Result<(Server, String)> {
        let rest = url.strip_prefix("http://").ok_or("the address must begin with http://")?;
        let (authority, path) = rest.split_at(rest.find('/').ok_or("the address has no path")?);
        let (user, password) = login()?;
        let login = BASE64_STANDARD.encode(format!("{user}:{password}"));
        Ok((Server { authority: authority.to_owned(), login }, path.to_owned()))
    }

    pub fn connection(&self) -> Connection<'_> {
        Connection { server: self, stream: None }
    }
}

impl Connection<'_> {
    /// Sends a request; the body of the answer, if it is a success.
    pub fn request(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<Vec<u8>> {
        let Server { authority, login } = self.server;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: peers/0.1\r\nAuthorization: Basic {login}\r\n\
             {headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(authority)?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let bytes = [head.as_bytes(), body].concat();
        stream.get_mut().write_all(&bytes)?;
        let (status, keeps, answer) = answer(&mut stream)?;
        if !(200..300).contains(&status) {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&answer)).into());
        }
        self.stream = keeps.then_some(stream);
        Ok(answer)
    }
}

/// The status, whether the connection can be used again, and the body.
fn answer(stream: &mut BufReader<TcpStream>) -> Result<(u16, bool, Vec<u8>)> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).ok_or("no answer")?.trim().parse()?;
    let (mut keeps, mut length, mut chunked) = (line.starts_with("HTTP/1.1"), None, false);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        let Some((name, value)) = line.split_once(':') else { break };
        match (name, value.trim()) {
            ("content-length", value) => length = Some(value.parse::<usize>()?),
            ("transfer-encoding", "chunked") => chunked = true,
            ("connection", "close") => keeps = false,
            _ => {}
        }
    }
    let mut body = Vec::new();
    match (chunked, length) {
        (true, _) => loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or_default(), 16)?;
            let before = body.len();
            body.resize(before + size, 0);
            stream.read_exact(&mut body[before..])?;
            stream.read_line(&mut String::new())?;
            if size == 0 {
                break;
            }
        },
        (false, Some(length)) => {
            body.resize(length, 0);
            stream.read_exact(&mut body)?;
        }
        (false, None) if status == 204 => {}
        (false, None) => {
            keeps = false;
            stream.read_to_end(&mut body)?;
        }
    }
    Ok((status, keeps, body))
}
