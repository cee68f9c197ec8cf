//! A small HTTP/1.1 client: one kept-open connection, one question at a time. It does as little as it can, since it shares the machine
//! with the server that it measures.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as it came over the wire.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: &'a [u8],
    /// The body; still in chunks when it came in chunks.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.body).unwrap_or_default()
    }
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut head_end, mut end) = (None, None);
        let mut searched = 0;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if head_end.is_none() {
                head_end = self.buffer[searched..].windows(4).position(|four| four == b"\r\n\r\n").map(|at| searched + at + 4);
                searched = self.buffer.len().saturating_sub(3);
            }
            let Some(body) = head_end else { continue };
            end = end.or_else(|| known_end(&self.buffer, body)).or_else(|| chunked_end(&self.buffer, body));
            match end {
                Some(end) if end <= self.buffer.len() => return answer(&self.buffer[..end], body),
                _ => {}
            }
        }
    }
}

fn answer(whole: &[u8], body: usize) -> io::Result<Answer<'_>> {
    let (head, body) = whole.split_at(body);
    let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    Ok(Answer { status: status.ok_or(ErrorKind::InvalidData)?, head, body })
}

/// Where an answer ends whose length is told.
fn known_end(buffer: &[u8], body: usize) -> Option<usize> {
    Some(body + header(&buffer[..body], "content-length")?.parse::<usize>().ok()?)
}

/// Where an answer in chunks ends, once all of it is there.
fn chunked_end(buffer: &[u8], body: usize) -> Option<usize> {
    let mut at = body;
    loop {
        let line_end = at + buffer.get(at..)?.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&buffer[at..line_end]).ok()?.trim(), 16).ok()?;
        at = line_end + 2 + size + 2;
        if at > buffer.len() {
            return None;
        }
        if size == 0 {
            return Some(at);
        }
    }
}

/// A GET request; `cookie` may be empty.
pub fn get(path: &str, cookie: &str, accepts: &str) -> Vec<u8> {
    let mut text = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for (name, value) in [("cookie", cookie), ("accept-encoding", accepts)] {
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// A posted form, as a browser sends it from our own page.
pub fn post(path: &str, cookie: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let escape = |text: &str| app::ui::layout::percent(text);
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    let body = pairs.join("&");
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The value of a field that a page's form carries.
pub fn field<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let tag_start = page.match_indices(&format!("name=\"{name}\"")).map(|(at, _)| page[..at].rfind('<')).next()??;
    let tag = &page[tag_start..];
    let tag = &tag[..tag.find('>')?];
    let value = tag.split("value=\"").nth(1)?;
    value.split('"').next()
}
