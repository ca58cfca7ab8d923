//! A small HTTP/1.1 server on loopback that answers as a test wants it, with or without TLS, and remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::authority::Certified;

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What to answer.
pub enum Reply {
    /// A proper answer.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, and the end.
    Raw(Vec<u8>),
    /// Nothing, for longer than any test.
    Hang,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self::Http(status, Vec::new(), Vec::new())
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::Http(status, vec![("Content-Type", "application/json".to_owned())], body.as_bytes().to_vec())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Http(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A running server. It ends with the test process.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Server {
    /// Answers with `handler`, over TLS when there is a certificate; each answer comes `delay` after its request.
    pub fn start(tls: Option<&Certified>, delay: Duration, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let config = tls.map(config);
        let handler: Arc<Handler> = Arc::new(handler);
        let shared = (asked.clone(), open.clone(), most.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, handler, (asked, open, most)) = (config.clone(), handler.clone(), shared.clone());
                std::thread::spawn(move || {
                    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let _ = stream.set_nodelay(true);
                    match config {
                        Some(config) => {
                            let connection = ServerConnection::new(config).expect("a session");
                            serve(StreamOwned::new(connection, stream), &*handler, &asked, delay);
                        }
                        None => serve(stream, &*handler, &asked, delay),
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, asked, open, most }
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }

    /// The most connections that were open at once.
    pub fn connections(&self) -> usize {
        let _ = self.open.load(Ordering::SeqCst);
        self.most.load(Ordering::SeqCst)
    }
}

fn config(certified: &Certified) -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from_pem_slice(certified.certificate.as_bytes()).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(certified.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).expect("a pair"))
}

fn serve(stream: impl Read + Write, handler: &Handler, asked: &Mutex<Vec<Asked>>, delay: Duration) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream) {
        asked.lock().expect("a lock").push(request.clone());
        std::thread::sleep(delay);
        let written = match handler(&request) {
            Reply::Hang => {
                std::thread::sleep(Duration::from_secs(120));
                return;
            }
            Reply::Raw(bytes) => {
                let _ = stream.get_mut().write_all(&bytes);
                return;
            }
            Reply::Http(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
                headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
                head.push_str("\r\n");
                let mut bytes = head.into_bytes();
                if request.method != "HEAD" {
                    bytes.extend(body);
                }
                stream.get_mut().write_all(&bytes).and_then(|()| stream.get_mut().flush())
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn read(stream: &mut impl std::io::BufRead) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => _ = headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        }
    }
    Some(Asked { method, path, headers })
}

/// An HTTP proxy that answers CONNECT, and leads each named host to an address on loopback. Others it refuses.
pub fn proxy(routes: &[(&str, SocketAddr)]) -> (SocketAddr, Arc<Mutex<Vec<Asked>>>) {
    let routes: BTreeMap<String, SocketAddr> = routes.iter().map(|(host, to)| ((*host).to_owned(), *to)).collect();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (routes, seen) = (routes.clone(), seen.clone());
            std::thread::spawn(move || tunnel(stream, &routes, &seen));
        }
    });
    (address, asked)
}

fn tunnel(mut stream: TcpStream, routes: &BTreeMap<String, SocketAddr>, seen: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let Some(request) = read(&mut reader) else { return };
    let to = routes.get(&request.path).copied();
    seen.lock().expect("a lock").push(request);
    let Some(to) = to else {
        let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
        return;
    };
    let Ok(mut target) = TcpStream::connect(to) else { return };
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    let (mut back, mut forth) = (target.try_clone().expect("a socket"), stream.try_clone().expect("a socket"));
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut forth);
        let _ = forth.shutdown(std::net::Shutdown::Both);
    });
    let _ = std::io::copy(&mut stream, &mut target);
    let _ = target.shutdown(std::net::Shutdown::Both);
}
