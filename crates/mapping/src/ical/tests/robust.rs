//! Whatever the bytes are: nothing panics, and what was not edited stays.

use proptest::prelude::*;

use super::*;

/// What is done to a fixture.
#[derive(Clone, Debug)]
enum Damage {
    Cut { at: usize, length: usize },
    Put { at: usize, bytes: Vec<u8> },
    SwapLines { one: usize, other: usize },
    RepeatLine { at: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    let text = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "\r\n",
            "\n ",
            ":",
            ";",
            ",",
            "\"",
            "=",
            "\\",
            "Z",
            "T",
            "-",
            "9999999999",
            "é",
            "P"
        ])
        .prop_map(|text: &str| text.as_bytes().to_vec()),
        prop::sample::select(vec![
            "\r\nRRULE:FREQ=YEARLY;COUNT=4294967295;BYDAY=-53SU\r\n",
            "\r\nDTSTART:00000101T000000Z\r\n",
            "\r\nDTSTART;VALUE=DATE:99991231\r\n",
            "\r\nDURATION:P999999999W\r\n",
            "\r\nTRIGGER:-PT999999999H\r\n",
            "\r\nTZOFFSETTO:+9959\r\n",
            "\r\nTZID:Nowhere\r\n",
            "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n",
            "\r\nRECURRENCE-ID:19000101T000000\r\n",
            "\r\nEXDATE:99991231T235959Z,00010101\r\n",
        ])
        .prop_map(|text: &str| text.as_bytes().to_vec()),
    ];
    let at = any::<u16>().prop_map(usize::from);
    prop_oneof![
        (at.clone(), 1_usize..40).prop_map(|(at, length)| Damage::Cut { at, length }),
        (at.clone(), text).prop_map(|(at, bytes)| Damage::Put { at, bytes }),
        (at.clone(), at.clone()).prop_map(|(one, other)| Damage::SwapLines { one, other }),
        at.prop_map(|at| Damage::RepeatLine { at }),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    match damage {
        Damage::Cut { at, length } => {
            let start = at % (bytes.len() + 1);
            bytes.drain(start..(start + length).min(bytes.len()));
            return bytes;
        }
        Damage::Put { at, bytes: new } => {
            let start = at % (bytes.len() + 1);
            bytes.splice(start..start, new.iter().copied());
            return bytes;
        }
        _ if lines.is_empty() => {}
        Damage::SwapLines { one, other } => {
            let count = lines.len();
            lines.swap(one % count, other % count);
        }
        Damage::RepeatLine { at } => {
            let line = lines[at % lines.len()].clone();
            lines.insert(at % lines.len(), line);
        }
    }
    lines.concat()
}

fn edited(item: Item) -> Item {
    match item {
        Item::Event(mut event) => {
            event.main.summary.push('!');
            event.main.start = event.main.start.in_zone(&Zone::named("Asia/Tokyo"));
            event.main.alarms.push(alarm_before(3));
            event.main.categories.push("New".into());
            event.overrides.clear();
            Item::Event(event)
        }
        Item::Task(mut task) => {
            task.due = Some(When::Date(jiff::civil::date(2024, 6, 9)));
            task.percent = 7;
            Item::Task(task)
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damaged_files_are_read_and_written_without_harm(
        file in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let fixtures = fixtures();
        let original = file.get(&fixtures).1.clone();
        let bytes = damages.iter().fold(original, damaged);
        if let Some(item) = read_item(&bytes) {
            prop_assert_eq!(rewrite(&item, &bytes), bytes.clone());
            let once = rewrite(&edited(item.clone()), &bytes);
            prop_assert!(read_item(&once).is_some());
            let _ = write(&item, None, now(), &settings());
        }
    }
}
