//! Our SRP against another implementation (pycognito, in Python): the same key in every round, paddings included.

use std::io::Write as _;
use std::process::{Command, Stdio};

use lightkeep::account::srp::{Ephemeral, Who};
use zeroize::Zeroizing;

use crate::common::servers::server_program;
use crate::common::{Random, seed};

/// Rounds with random numbers; the rest has leading zeros on purpose.
const ROUNDS: usize = 2_000;

/// Answers each line `a B salt password` with `A key`, all in hex.
const OTHER: &str = r"
import sys
from pycognito.aws_srp import AWSSRP, hex_to_long, long_to_hex
# Its constructor makes a secret of its own, which is not wanted here and costs more than all the rest.
AWSSRP.generate_random_small_a = lambda self: 2
for line in sys.stdin:
    a, b, salt, password = line.split()
    srp = AWSSRP('user-1', bytes.fromhex(password).decode(), 'eu-central-1_AbC123', 'client', client=object())
    srp.small_a_value = hex_to_long(a)
    srp.large_a_value = srp.calculate_a()
    key = srp.get_password_authentication_key('user-1', bytes.fromhex(password).decode(), hex_to_long(b), salt)
    print(long_to_hex(srp.large_a_value), key.hex())
";

struct Round {
    a: Zeroizing<[u8; 128]>,
    b: String,
    salt: String,
    password: String,
}

fn hex(random: &mut Random, bytes: usize) -> String {
    (0..bytes).map(|_| format!("{:02x}", random.next() as u8)).collect()
}

fn rounds(random: &mut Random) -> Vec<Round> {
    (0..ROUNDS)
        .map(|n| {
            let mut a = Zeroizing::new([0_u8; 128]);
            // Short secrets keep the other side's arithmetic quick; every fiftieth has full length.
            let length = if n % 50 == 0 { 127 } else { 32 };
            a[128 - length..].iter_mut().for_each(|byte| *byte = random.next() as u8);
            // A salt with a leading zero byte is written in two ways by different programs (as a number or as text), so
            // that it would prove nothing; zeros inside B, and a short B, are everyday life.
            let salt = format!("{:02x}{}", 1 + random.next() % 255, hex(random, 15));
            let zeros = if n % 4 == 0 { (random.next() % 8) as usize } else { 0 };
            let b = format!("{}{}", "00".repeat(zeros), hex(random, 384 - zeros - (n % 3)));
            let password = match n % 5 {
                0 => "pässwörd ☃".to_owned(),
                _ => hex(random, 1 + n % 20),
            };
            Round { a, b, salt, password }
        })
        .collect()
}

#[test]
fn another_implementation_comes_to_the_same_keys() {
    let seed = seed();
    let rounds = rounds(&mut Random(seed));
    let text = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let mut other = Command::new(server_program("python"))
        .args(["-c", OTHER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = other.stdin.take().unwrap();
    let lines: String = rounds
        .iter()
        .map(|round| {
            let a = text(round.a.as_slice());
            format!("{} {} {} {}\n", a, round.b, round.salt, text(round.password.as_bytes()))
        })
        .collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let answers = other.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(answers.status.success());
    let answers = String::from_utf8(answers.stdout).unwrap();
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), ROUNDS);
    let who = Who { pool: "AbC123", user: "user-1" };
    for (n, (round, answer)) in rounds.iter().zip(answers).enumerate() {
        let (public, key) = answer.split_once(' ').unwrap();
        let ours = Ephemeral::from_secret(round.a.clone());
        assert_eq!(ours.public_hex(), public.trim_start_matches('0'), "round {n} of seed {seed}");
        let shared = ours.key(who, &round.password, &round.salt, &round.b).unwrap();
        assert_eq!(text(shared.bytes()), key, "round {n} of seed {seed}");
    }
}
