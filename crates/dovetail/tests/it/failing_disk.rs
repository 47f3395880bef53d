//! A disk that is full: a small one is mounted for the state, where the tests may mount.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect;
use serde_json::{Value, json};

use crate::failing_files::STATE_FOLDER;
use crate::home::{Ended, writes};
use crate::samples;
use crate::scene::{Scene, fails};

/// The disk of the profiles' folder, small and full for some time. Unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: &Path, size: &str) -> SmallDisk {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"])
            .arg(path)
            .status()
            .unwrap();
        assert!(mounted.success());
        SmallDisk(path.to_path_buf())
    }

    /// Leaves no room but so many bytes; gives the file that takes the rest.
    fn fill_up_to(&self, rest: u64) -> PathBuf {
        let ballast = self.0.join("ballast");
        let block = vec![0_u8; 4096];
        let mut file = fs::File::create(&ballast).unwrap();
        while file.write_all(&block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(rest)).unwrap();
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Runs a test of this binary again where it may mount a disk: in a namespace of its own. Gives `false` in that second run,
/// which is to do the work.
fn passes_where_disks_can_be_mounted(test: &str) -> bool {
    const INSIDE: &str = "DOVETAIL_TEST_MAY_MOUNT";
    if std::env::var_os(INSIDE).is_some() {
        return false;
    }
    let apart = ["--user", "--map-root-user", "--mount"];
    let possible =
        Command::new("unshare").args(apart).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !possible.is_ok_and(|ended| ended.status.success()) {
        dovetail_testkit::skip("a full disk", "no disk can be mounted");
        return true;
    }
    let again = Command::new("unshare")
        .args(apart)
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "yes")
        .output()
        .unwrap();
    let again = Ended::of(again);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    true
}

#[test]
fn a_disk_that_is_full() {
    if passes_where_disks_can_be_mounted("failing_disk::a_disk_that_is_full") {
        return;
    }
    let Some(scene) = Scene::new() else { return };
    let folder = scene.home.path().join("profiles");
    let aside = scene.home.path().join("aside");
    fs::rename(&folder, &aside).unwrap();
    fs::create_dir(&folder).unwrap();
    let disk = SmallDisk::at(&folder, "4m");
    let copied = Command::new("cp").arg("-a").arg(aside.join(".")).arg(&folder).status().unwrap();
    assert!(copied.success());
    fs::remove_dir_all(aside).unwrap();

    let state_folder = scene.home.state_folder("people").display().to_string();
    let ballast = disk.fill_up_to(0);
    let examples = [(state_folder.as_str(), STATE_FOLDER)];
    let before = scene.both();
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "full",
        expect![[r#"
        error: The disk is full: /home/me/dovetail/profiles/0a1b2c3d/state.db cannot be written.
        hint: Make room on the disk, then try again; what was done so far is kept.
    "#]],
        &examples,
    );
    assert_eq!(scene.both(), before);

    // Wherever the room ends, the run stops, and what is there is whole.
    let cards: String = (10..40).map(samples::plain_card).collect();
    let file = scene.home.file("more.vcf", &cards);
    scene.home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    scene.home.fine(&["profile", "set", "people", "chunk_items=3"]);
    let mut stopped = 0;
    for rest in (0..40).map(|step| step * 16 * 1024) {
        fs::remove_file(&ballast).unwrap();
        disk.fill_up_to(rest);
        let ended = scene.home.run(&["sync", "people", "--json"]);
        if ended.code == 0 {
            break;
        }
        let error: Value = serde_json::from_str(ended.err.lines().last().unwrap_or_default()).unwrap();
        assert_eq!((ended.code, &error["kind"]), (3, &json!("full")), "{rest}: {ended:#?}");
        stopped += 1;
    }
    assert!(stopped > 2, "it stopped {stopped} times");
    fs::remove_file(ballast).unwrap();
    let run = scene.home.sync("people");
    assert_eq!((&run["outcome"], &run["failed"]), (&"finished".into(), &0.into()), "{run}");
    let all: Vec<String> = (0..5).chain(10..40).map(|number| format!("Sample Person {number:03}")).collect();
    assert_eq!((scene.home.titles("Contacts"), scene.server.values("FN")), (all.clone(), all));
    scene.home.fine(&["verify", "people"]);
    assert_eq!(writes(&scene.home.sync("people")), 0);
}
