//! `encoding/base64`'s `StdEncoding`, which decodes YAML's `!!binary`.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding is required, and unused bits may be set.
const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
    .with_decode_allow_trailing_bits(true);

/// The decoded bytes; none if it is not base64. Line breaks are skipped.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    GeneralPurpose::new(&STANDARD, CONFIG).decode(joined).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    /// What Go 1.26 answered.
    #[test]
    fn base64_is_read_as_go_reads_it() {
        for (text, bytes) in [("d2Vi", &b"web"[..]), ("PWI=", b"=b"), ("PWJ=", b"=b"), ("d2\nVi", b"web"), ("", b"")] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["PWI", "a b", "d2Vi=", "d2V-", "="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
