use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;
use wire::ApiKey;
use wire::codec::{Cx, ELEMENTS_MAX, Wire, decode};
use wire::frame::RequestHeader;
use wire::messages::*;

use crate::allocations::allocated_by;
use crate::requests::read_any;

/// What reading a request may take beyond a multiple of its bytes.
const SLACK_BYTES: usize = 64 * 1024;

/// The largest element in memory is no more than this times its bytes on the wire.
const GROWTH: usize = 256;

fn frame(api: ApiKey, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(api.number());
    frame.put_i16(version);
    frame.put_i32(1);
    frame.put_i16(-1);
    if api.is_flexible(version) {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

#[track_caller]
fn check_bounded(frame: &[u8]) {
    let allocated = allocated_by(|| {
        if let Ok(header) = RequestHeader::read(frame) {
            read_any(&header, frame);
        }
    });
    let allowed = SLACK_BYTES + GROWTH * frame.len();
    assert!(allocated <= allowed, "{allocated} bytes for a frame of {}: {frame:02x?}", frame.len());
}

#[test]
fn a_claimed_length_reserves_nothing() {
    // As an i16, an i32, a varint, and each behind up to 40 bytes that may be anything before it.
    let claims: [&[u8]; 4] = [
        &[0x7f, 0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0x07],
    ];
    for &api in ApiKey::ALL {
        let versions = api.versions();
        for version in versions.min..=versions.max {
            for claim in claims {
                for before in 0..40 {
                    for filler in [0u8, 1, 2] {
                        let mut body = vec![filler; before];
                        body.extend_from_slice(claim);
                        body.extend_from_slice(&[filler; 4]);
                        check_bounded(&frame(api, version, &body));
                    }
                }
            }
        }
    }
}

#[test]
fn more_elements_than_allowed_are_refused() {
    // A large frame of the smallest elements there are.
    let cx = Cx { version: 13, flexible: true };
    let mut body = BytesMut::new();
    let count = ELEMENTS_MAX + 1;
    for shift in [0, 7, 14] {
        body.put_u8(((count + 1) >> shift) as u8 | if shift == 14 { 0 } else { 0x80 });
    }
    body.put_bytes(0, count as usize * 18);
    let allocated = allocated_by(|| {
        let read = decode::<metadata::MetadataRequest>(&body, cx);
        assert_eq!(read, Err(wire::codec::DecodeError::TooManyElements));
    });
    assert!(allocated < SLACK_BYTES, "{allocated}");
}

#[test]
fn spans_point_into_the_frame() {
    let body = [&[0xff, 0xff, 0, 1, 0, 0, 0, 0][..], &[0, 0, 0, 1, 0, 1, b't'], &[0, 0, 0, 1, 0, 0, 0, 0]];
    let mut body = body.concat();
    body.extend_from_slice(&[0, 0, 0, 3, 7, 8, 9]);
    let frame = frame(ApiKey::Produce, 3, &body);
    let header = RequestHeader::read(&frame).unwrap();
    let request: produce::ProduceRequest = header.read_body(&frame).unwrap();
    let span = request.topic_data[0].partition_data[0].records.unwrap();
    assert_eq!(frame[span.range()], [7, 8, 9]);
}

#[test]
fn an_unknown_version_of_api_versions_is_let_through() {
    let header = RequestHeader::read(&frame(ApiKey::ApiVersions, 99, &[1, 2, 3])).unwrap();
    assert!(!header.is_served());
    let error = RequestHeader::read(&frame(ApiKey::Metadata, 99, &[])).unwrap_err();
    assert_eq!(error.to_string(), "Metadata version 99 is not served");
    let error = RequestHeader::read(&[0, 99, 0, 0, 0, 0, 0, 0]).unwrap_err();
    assert_eq!(error.to_string(), "API 99 is not served");
}

#[test]
fn the_answer_to_api_versions_has_no_tags_in_its_header() {
    let frame = frame(ApiKey::ApiVersions, 3, &[1, 1, 0]);
    let header = RequestHeader::read(&frame).unwrap();
    let response = api_versions::ApiVersionsResponse { error_code: 35, ..Default::default() };
    let written = header.response(&response).into_bytes();
    assert_eq!(written[..], [0, 0, 0, 12, 0, 0, 0, 1, 0, 35, 1, 0, 0, 0, 0, 0]);
}

proptest! {
    #[test]
    fn random_bodies_neither_panic_nor_grow(
        index in 0..ApiKey::ALL.len(),
        offset in 0i16..20,
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let api = ApiKey::ALL[index];
        let versions = api.versions();
        let version = versions.min + offset % (versions.max - versions.min + 1);
        check_bounded(&frame(api, version, &body));
    }

    #[test]
    fn random_frames_neither_panic_nor_grow(frame in proptest::collection::vec(any::<u8>(), 0..100)) {
        check_bounded(&frame);
    }
}

#[test]
fn strings_too_long_for_their_version_are_cut_not_wrapped() {
    let cx = Cx { version: 0, flexible: false };
    let long = "ä".repeat(20_000);
    let mut writer = wire::codec::Writer::new();
    long.write(&mut writer, cx);
    let bytes = writer.into_bytes();
    let read: String = decode(&bytes, cx).unwrap();
    assert_eq!(read.len(), 32_766);
    assert!(long.starts_with(&read));
}
