//! A name server that answers from a list, over UDP: for what a client makes of SRV and TXT records.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

const SRV: u16 = 33;
const TXT: u16 = 16;

/// What a name server tells: by name and type, the data of its records.
#[derive(Debug, Default)]
pub struct Zone(BTreeMap<(String, u16), Vec<Vec<u8>>>);

impl Zone {
    /// With an SRV record.
    #[must_use]
    pub fn srv(mut self, name: &str, priority: u16, weight: u16, port: u16, target: &str) -> Zone {
        let numbers = [priority, weight, port].into_iter().flat_map(u16::to_be_bytes);
        let data = numbers.chain(encoded(target)).collect();
        self.0.entry((name.to_owned(), SRV)).or_default().push(data);
        self
    }

    /// With a TXT record of one text.
    #[must_use]
    pub fn txt(mut self, name: &str, text: &str) -> Zone {
        let data = std::iter::once(text.len() as u8).chain(text.bytes()).collect();
        self.0.entry((name.to_owned(), TXT)).or_default().push(data);
        self
    }

    /// Answers questions from now on, as long as the test runs.
    pub fn serve(self) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let (address, asked) = (socket.local_addr().expect("the port"), Arc::new(Mutex::new(Vec::new())));
        let log = asked.clone();
        std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, whom)) = socket.recv_from(&mut packet) {
                let (name, kind, end) = question(&packet[..length]);
                log.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
                let _ = socket.send_to(&reply(&packet[..end], kind, self.0.get(&(name, kind))), whom);
            }
        });
        NameServer { address, asked }
    }
}

/// A name server on loopback.
#[derive(Debug)]
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// The names that were asked for so far, in lower case; one that was asked for several times in a row, once.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        asked.dedup();
        asked
    }
}

/// A name as labels.
fn encoded(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> =
        labels.flat_map(|label| std::iter::once(label.len() as u8).chain(label.bytes())).collect();
    bytes.push(0);
    bytes
}

/// The name and type that a packet asks for, and where the question ends.
fn question(packet: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8_lossy(&packet[at + 1..at + 1 + length]).into_owned());
        at += 1 + length;
    }
    (labels.join(".").to_lowercase(), u16::from_be_bytes([packet[at + 1], packet[at + 2]]), at + 5)
}

/// The question, and the records after it; no such name, where there are none.
fn reply(question: &[u8], kind: u16, records: Option<&Vec<Vec<u8>>>) -> Vec<u8> {
    let mut bytes = question.to_vec();
    let count = records.map_or(0, Vec::len) as u16;
    let code = if records.is_some() { 0 } else { 3 };
    bytes[2..4].copy_from_slice(&[0x84 | (question[2] & 1), 0x80 | code]);
    bytes[6..8].copy_from_slice(&count.to_be_bytes());
    bytes[8..12].fill(0);
    for data in records.into_iter().flatten() {
        bytes.extend([0xC0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
    }
    bytes
}
