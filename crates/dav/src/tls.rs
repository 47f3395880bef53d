//! TLS: whom we believe to be the server, and who we are to it.

use std::fmt;
use std::sync::Arc;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// How secure connections are made.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Which servers are believed.
    pub trust: Trust,
    /// Authorities (PEM) that are trusted beside those of the system.
    pub authorities: Option<Vec<u8>>,
    /// Who we are, where the server asks for a certificate.
    pub identity: Option<Identity>,
    /// The oldest version that is spoken.
    pub oldest: Version,
}

/// Which servers are believed to be who they say they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that the system believes.
    #[default]
    System,
    /// The one with this certificate alone, whatever the system believes.
    Pinned(Fingerprint),
    /// Anybody: whoever is in between can read along and write.
    Anybody,
}

/// A version of TLS. What is older than these is not spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 1.2 (RFC 5246).
    #[default]
    V1_2,
    /// 1.3 (RFC 8446).
    V1_3,
}

/// The SHA-256 digest of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Fingerprint {
        Fingerprint(Sha256::digest(certificate).into())
    }

    /// Reads hexadecimal digits, with or without colons or blanks between them.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b':' | b' ')).collect();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Fingerprint(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.map(|byte| format!("{byte:02X}"));
        f.write_str(&pairs.join(":"))
    }
}

/// A certificate of our own, with its key.
#[derive(Clone)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates)", self.chain.len())
    }
}

impl Identity {
    /// Reads a file: PEM with certificates and a key, or PKCS#12 (RFC 7292), which may have a password.
    ///
    /// # Errors
    /// `Refused`, with a sentence about what is wrong with it. It quotes nothing of the file.
    pub fn read(file: &[u8], password: Option<&SecretString>) -> Result<Identity> {
        let unusable = |why: &str| Error::new(ErrorKind::Refused, format!("the client certificate {why}"));
        if file.windows(10).any(|window| window == b"-----BEGIN") {
            let chain: Vec<_> = CertificateDer::pem_slice_iter(file)
                .collect::<std::result::Result<_, _>>()
                .map_err(|_| unusable("cannot be read"))?;
            if chain.is_empty() {
                return Err(unusable("is missing: the file holds none"));
            }
            let key = PrivateKeyDer::from_pem_slice(file)
                .map_err(|_| unusable("comes without its key, or with one that is encrypted"))?;
            return Ok(Identity { chain, key: Arc::new(key) });
        }
        let password = password.map(ExposeSecret::expose_secret).unwrap_or_default();
        let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed)
            .map_err(|_| unusable("cannot be opened: it is no PKCS#12 file, or has another password"))?;
        let (_, chain) = store.private_key_chain().ok_or_else(|| unusable("comes without its key"))?;
        let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
        Ok(Identity {
            chain: chain.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect(),
            key: Arc::new(PrivateKeyDer::from(key)),
        })
    }
}

impl Tls {
    /// What rustls is told.
    pub(crate) fn config(&self) -> Result<ClientConfig> {
        let unusable = |why: String| Error::new(ErrorKind::Refused, format!("TLS cannot be set up: {why}"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities: Vec<_> =
            CertificateDer::pem_slice_iter(self.authorities.as_deref().unwrap_or_default())
                .collect::<std::result::Result<_, _>>()
                .map_err(|_| unusable("the file of further authorities cannot be read".to_owned()))?;
        if self.authorities.is_some() && authorities.is_empty() {
            return Err(unusable("the file of further authorities holds no certificate".to_owned()));
        }
        let judge =
            Judge::new(self.trust, authorities, &provider).map_err(|error| unusable(error.to_string()))?;
        let versions: &[_] = match self.oldest {
            Version::V1_2 => &[&rustls::version::TLS13, &rustls::version::TLS12],
            Version::V1_3 => &[&rustls::version::TLS13],
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|error| unusable(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(Identity { chain, key }) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| unusable(format!("the client certificate: {error}")))?,
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Why a certificate was not believed, with what it takes to believe it all the same.
#[derive(Clone, Debug)]
pub(crate) struct Distrust {
    pub(crate) flaw: Flaw,
    pub(crate) fingerprint: Fingerprint,
}

/// What is wrong with a certificate.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// As the system sees it.
    Of(CertificateError),
    /// It is not the one that was pinned.
    Another,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.flaw {
            Flaw::Of(flaw) => write!(f, "{flaw}"),
            Flaw::Another => f.write_str("not the certificate that was pinned"),
        }
    }
}

impl std::error::Error for Distrust {}

/// The system's judgement, as far as it is asked for. That the other end holds the key of its certificate is always
/// checked.
#[derive(Debug)]
struct Judge {
    system: Verifier,
    trust: Trust,
}

impl Judge {
    fn new(
        trust: Trust,
        authorities: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> std::result::Result<Judge, rustls::Error> {
        Ok(Judge { system: Verifier::new_with_extra_roots(authorities, provider.clone())?, trust })
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let fingerprint = Fingerprint::of(end_entity);
        let flaw = match self.trust {
            Trust::Anybody => return Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pinned) if pinned == fingerprint => return Ok(ServerCertVerified::assertion()),
            Trust::Pinned(_) => Flaw::Another,
            Trust::System => {
                match self.system.verify_server_cert(
                    end_entity,
                    intermediates,
                    server_name,
                    ocsp_response,
                    now,
                ) {
                    Err(rustls::Error::InvalidCertificate(flaw)) => Flaw::Of(flaw),
                    other => return other,
                }
            }
        };
        let distrust = OtherError(Arc::new(Distrust { flaw, fingerprint }));
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(distrust)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
