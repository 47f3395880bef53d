//! Headers as servers send them.

use super::challenges;

fn read(headers: &[&str]) -> Vec<String> {
    let told = |challenge: &super::Challenge| {
        let parameters = challenge.parameters.iter().map(|(name, value)| format!(" {name}=[{value}]"));
        format!("{}{}", challenge.scheme, parameters.collect::<String>())
    };
    challenges(headers.iter().copied()).iter().map(told).collect()
}

#[test]
fn challenges_are_told_apart_in_one_header_and_in_many() {
    let table: [(&[&str], &[&str]); 11] = [
        (&["Basic realm=\"SOGo\""], &["basic realm=[SOGo]"]),
        (&["basic realm=plain"], &["basic realm=[plain]"]),
        // Cyrus
        (
            &[
                "SCRAM-SHA-256",
                "Digest realm=\"cyrus\",nonce=\"a,b=\",qop=\"auth\",stale=true,charset=utf-8,algorithm=md5-sess",
                "Basic realm=\"cyrus\"",
            ],
            &[
                "scram-sha-256",
                "digest realm=[cyrus] nonce=[a,b=] qop=[auth] stale=[true] charset=[utf-8] algorithm=[md5-sess]",
                "basic realm=[cyrus]",
            ],
        ),
        (
            &["Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\""],
            &["newauth realm=[apps] type=[1] title=[Login to \"apps\"]", "basic realm=[simple]"],
        ),
        (&["Negotiate, NTLM, Basic realm = \"x\""], &["negotiate", "ntlm", "basic realm=[x]"]),
        (&["NTLM TlRMTVNTUAACAAAA==", "Negotiate oYG2MIGz="], &["ntlm", "negotiate"]),
        (&["DIGEST REALM=\"A\", QOP=\"auth,auth-int\""], &["digest realm=[A] qop=[auth,auth-int]"]),
        (&["Bearer realm=\"a\",,, error=\"invalid_token\""], &["bearer realm=[a] error=[invalid_token]"]),
        (&["Basic"], &["basic"]),
        (&["Basic realm=\"never ends"], &["basic realm=[never ends]"]),
        (&["", ",", "=", "\"stray, Basic\"", "=x"], &["x"]),
    ];
    for (headers, expected) in table {
        assert_eq!(read(headers), expected, "{headers:?}");
    }
}

#[test]
fn a_parameter_belongs_to_the_header_that_it_stands_in() {
    assert_eq!(read(&["Basic", "realm=\"x\""]), ["basic"]);
}

#[test]
fn nothing_that_a_server_sends_makes_reading_fail() {
    for text in
        ["Basic realm=", "é", "Digest é=\"é\\", "a=b=c", "Basic =", "\\\"", "x \"", "Basic realm=\"\\"]
    {
        read(&[text]);
    }
}
