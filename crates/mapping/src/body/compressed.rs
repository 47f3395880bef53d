//! Compressed RTF (MS-OXRTFCP), as MAPI keeps bodies: LZ77 over a window that starts with what RTF starts with.

/// `LZFu`: compressed.
const COMPRESSED: u32 = 0x7546_5A4C;
/// `MELA`: not compressed.
const UNCOMPRESSED: u32 = 0x414C_454D;

const HEADER: usize = 16;
const WINDOW: usize = 4096;

/// The longest text that is unpacked, in bytes.
const LONGEST: usize = 64 << 20;

/// What the window holds at the start (MS-OXRTFCP section 2.1.2.1).
const START: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Whether bytes start as compressed RTF does.
pub fn is_compressed(bytes: &[u8]) -> bool {
    matches!(number(bytes, 8), Some(COMPRESSED | UNCOMPRESSED)) && bytes.len() >= HEADER
}

/// The RTF; `None` where the bytes are none, or damaged.
pub fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (size, raw_size) = (number(bytes, 0)? as usize, number(bytes, 4)? as usize);
    let end = size.checked_add(4)?.min(bytes.len());
    let contents = bytes.get(HEADER..end)?;
    match number(bytes, 8)? {
        UNCOMPRESSED => contents.get(..raw_size.min(contents.len())).map(<[u8]>::to_vec),
        COMPRESSED if checksum(contents) == number(bytes, 12)? => inflate(contents, raw_size),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

fn inflate(contents: &[u8], raw_size: usize) -> Option<Vec<u8>> {
    let mut window = [0; WINDOW];
    window.get_mut(..START.len())?.copy_from_slice(START);
    let mut at = START.len();
    let mut raw = Vec::with_capacity(raw_size.min(contents.len().saturating_mul(9)).min(LONGEST));
    let mut bytes = contents.iter().copied();
    let mut push = |raw: &mut Vec<u8>, window: &mut [u8; WINDOW], byte: u8| {
        raw.push(byte);
        if let Some(place) = window.get_mut(at) {
            *place = byte;
        }
        at = (at + 1) % WINDOW;
        at
    };
    let mut end = START.len();
    while let Some(control) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { return Some(raw) };
            if control >> bit & 1 == 0 {
                end = push(&mut raw, &mut window, first);
            } else {
                let reference = u16::from_be_bytes([first, bytes.next()?]);
                let (mut from, length) = (usize::from(reference >> 4), usize::from(reference & 15) + 2);
                if from == end {
                    return Some(raw);
                }
                for _ in 0..length {
                    let byte = *window.get(from)?;
                    end = push(&mut raw, &mut window, byte);
                    from = (from + 1) % WINDOW;
                }
            }
            if raw.len() > LONGEST {
                return None;
            }
        }
    }
    Some(raw)
}

/// RTF, compressed.
pub fn pack(rtf: &[u8]) -> Vec<u8> {
    let contents = deflate(rtf);
    let mut packed = Vec::with_capacity(contents.len() + HEADER);
    let size = u32::try_from(contents.len() + HEADER - 4).unwrap_or(u32::MAX);
    for field in [size, u32::try_from(rtf.len()).unwrap_or(u32::MAX), COMPRESSED, checksum(&contents)] {
        packed.extend_from_slice(&field.to_le_bytes());
    }
    packed.extend_from_slice(&contents);
    packed
}

/// The shortest piece that is worth a reference, and the longest that one can name.
const SHORTEST_PIECE: usize = 2;
const LONGEST_PIECE: usize = 17;

/// How many earlier places with the same two bytes are compared: a bound, so that no text is slow.
const PLACES: usize = 64;

fn deflate(rtf: &[u8]) -> Vec<u8> {
    let all = [START, rtf].concat();
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); 1 << 16];
    let mut seen = 0;
    let mut at = START.len();
    let mut tokens: Vec<Option<(usize, usize)>> = Vec::new();
    while at < all.len() {
        while seen + 1 < at {
            remember(&all, seen, &mut places);
            seen += 1;
        }
        let found = longest(&all, at, &places);
        at += found.map_or(1, |(_, length)| length);
        tokens.push(found);
    }
    let mut contents = Vec::with_capacity(rtf.len());
    let mut literal = START.len();
    let end = (u16::try_from(all.len() % WINDOW).unwrap_or(0) << 4).to_be_bytes();
    let mut ended = false;
    let mut tokens = tokens.into_iter();
    while !ended {
        let (mut control, mut group) = (0u8, Vec::with_capacity(16));
        for bit in 0..8 {
            match tokens.next() {
                Some(None) => {
                    group.extend(all.get(literal).copied());
                    literal += 1;
                }
                Some(Some((from, length))) => {
                    control |= 1 << bit;
                    let (from, count) = (from % WINDOW, length - SHORTEST_PIECE);
                    group.extend_from_slice(&u16::try_from(from << 4 | count).unwrap_or(0).to_be_bytes());
                    literal += length;
                }
                None => {
                    control |= 1 << bit;
                    group.extend_from_slice(&end);
                    ended = true;
                    break;
                }
            }
        }
        contents.push(control);
        contents.append(&mut group);
    }
    contents
}

fn remember(all: &[u8], at: usize, places: &mut [Vec<usize>]) {
    if let Some(&[first, second]) = all.get(at..at + 2)
        && let Some(list) = places.get_mut(usize::from(first) << 8 | usize::from(second))
    {
        if list.len() >= 2 * PLACES {
            list.drain(..PLACES);
        }
        list.push(at);
    }
}

/// The longest piece of the window that goes on as the text does. It ends before the text does: where a reader writes
/// while it copies, implementations differ.
fn longest(all: &[u8], at: usize, places: &[Vec<usize>]) -> Option<(usize, usize)> {
    let &[first, second] = all.get(at..at + 2)? else { return None };
    let list = places.get(usize::from(first) << 8 | usize::from(second))?;
    let mut best = None;
    for &from in list.iter().rev().take(PLACES).filter(|from| at - **from < WINDOW - LONGEST_PIECE) {
        let room = LONGEST_PIECE.min(at - from);
        let length =
            all.iter().skip(from).zip(all.iter().skip(at)).take(room).take_while(|(a, b)| a == b).count();
        if length >= SHORTEST_PIECE && best.is_none_or(|(_, longest)| length > longest) {
            best = Some((from, length));
        }
    }
    best
}

/// The CRC of MS-OXRTFCP section 2.1.3.2: that of zip without its two inversions.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        let mut entry = (crc ^ u32::from(*byte)) & 0xFF;
        for _ in 0..8 {
            entry = if entry & 1 == 1 { 0xEDB8_8320 ^ (entry >> 1) } else { entry >> 1 };
        }
        entry ^ (crc >> 8)
    })
}
