//! Zigzag variable-length integers, as in Protocol Buffers.

/// Takes an `i32` off the front of `bytes`; `None` when it is cut off or longer than five bytes.
pub(super) fn take_i32(bytes: &mut &[u8]) -> Option<i32> {
    let raw = take(bytes, 5)?;
    let raw = u32::try_from(raw).ok()?;
    Some(((raw >> 1) as i32) ^ -((raw & 1) as i32))
}

/// Takes an `i64` off the front of `bytes`; `None` when it is cut off or longer than ten bytes.
pub(super) fn take_i64(bytes: &mut &[u8]) -> Option<i64> {
    let raw = take(bytes, 10)?;
    Some(((raw >> 1) as i64) ^ -((raw & 1) as i64))
}

fn take(bytes: &mut &[u8], bytes_max: usize) -> Option<u64> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(bytes_max).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(value);
        }
    }
    None
}

pub(super) fn put_i32(out: &mut Vec<u8>, value: i32) {
    put(out, u64::from(((value << 1) ^ (value >> 31)) as u32));
}

pub(super) fn put_i64(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

fn put(out: &mut Vec<u8>, mut raw: u64) {
    while raw >= 0x80 {
        out.push(raw as u8 | 0x80);
        raw >>= 7;
    }
    out.push(raw as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: i64, expected: &[u8]) {
        let mut out = Vec::new();
        put_i64(&mut out, value);
        assert_eq!(out, expected, "{value}");
        let mut rest = &out[..];
        assert_eq!(take_i64(&mut rest), Some(value));
        assert!(rest.is_empty());
        if let Ok(value) = i32::try_from(value) {
            out.clear();
            put_i32(&mut out, value);
            assert_eq!(out, expected, "{value}");
            assert_eq!(take_i32(&mut &out[..]), Some(value));
        }
    }

    #[test]
    fn round_trips() {
        check(0, &[0]);
        check(-1, &[1]);
        check(1, &[2]);
        check(63, &[126]);
        check(-64, &[127]);
        check(64, &[0x80, 1]);
        check(i64::from(i32::MAX), &[0xfe, 0xff, 0xff, 0xff, 0x0f]);
        check(i64::from(i32::MIN), &[0xff, 0xff, 0xff, 0xff, 0x0f]);
        check(i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    }

    #[test]
    fn refuses_what_is_cut_off_or_too_long() {
        assert_eq!(take_i32(&mut &[0x80][..]), None);
        assert_eq!(take_i32(&mut &[0x80, 0x80, 0x80, 0x80, 0x80, 0][..]), None);
        assert_eq!(take_i32(&mut &[0xff, 0xff, 0xff, 0xff, 0x7f][..]), None, "35 bits");
        assert_eq!(take_i64(&mut &[][..]), None);
    }
}
