#include "requester/posting_note.h"

#include <catch2/catch.hpp>

#include "common/cli/output_file.h"
#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::requester;
using tally::test::ScratchFolder;
using What = PostingPlan::What;

namespace {

PostingNote note_of(const std::string& content, PostingStep step = PostingStep::posting, std::int64_t again = 0) {
  return {hex_of(sha256(content)), again,         step, "broker/17", "/home/me/p.toml",
          "/home/me/i.csv",        ProjectId{33}, 4096, 1000,        2500};
}

PostingPlan plan_of(const std::vector<PostingNote>& notes, const std::string& content, bool again = false) {
  return plan_posting(notes, note_of(content, PostingStep::opening), again);
}

}  // namespace

TEST_CASE("a note read back is the note that was written") {
  const ScratchFolder folder;
  const PostingNotes notes(folder.path() / "postings");
  CHECK(notes.read().notes.empty());
  PostingNote note = note_of("x", PostingStep::posting, 2);
  note.items_path = "lists/a \"quoted\"\n\x1b name.csv";
  notes.save(note);
  CHECK(notes.read().notes == std::vector<PostingNote>{note});
  note.posted = 3000;
  notes.save(note);
  CHECK(notes.read().notes == std::vector<PostingNote>{note});
  notes.remove(note);
  CHECK(notes.read().notes.empty());
}

TEST_CASE("a damaged note is named, and its posting is gone through again under the same key") {
  const ScratchFolder folder;
  const PostingNotes notes(folder.path());
  const PostingNote note = note_of("x", PostingStep::posting, 1);
  notes.save(note);
  const std::string good = folder.read(notes.path_of(note).filename());
  const std::string damage = GENERATE_COPY(
      std::string(), std::string("{"), std::string("\0\0\0", 3), good.substr(0, good.size() / 2), std::string("[1,2]"),
      std::string(good).replace(good.find("\"posted\": 2500"), 14, "\"posted\": -1"),
      std::string(good).replace(good.find("\"posting\""), 9, "\"\xff\""),
      std::string(good).replace(good.find("\"project\": 33"), 13, "\"project\": 0"),
      std::string(good).replace(good.find("4096"), 4, "null"));
  INFO(damage);
  folder.write(notes.path_of(note).filename(), damage);
  const auto found = notes.read();
  REQUIRE(found.damaged.size() == 1);
  const PostingPlan plan = plan_of(found.notes, "x");
  CHECK(plan.what == What::go_on);
  CHECK(plan.note.again == 1);
  CHECK(plan.note.step == PostingStep::opening);
  CHECK(plan.note.posted == 0);
  CHECK(plan.note.items_path == "/home/me/i.csv");
}

TEST_CASE("a file in the folder of notes that is none is named and changes nothing") {
  const ScratchFolder folder;
  folder.write("shopping.json", "{}");
  folder.write("readme.txt", "hello");
  const auto found = PostingNotes(folder.path()).read();
  CHECK(found.damaged.size() == 1);
  CHECK(found.notes.empty());
}

TEST_CASE("files that were never posted are a new posting") {
  const PostingPlan plan = plan_of({}, "x");
  CHECK(plan.what == What::start);
  CHECK(plan.note.again == 0);
}

TEST_CASE("an interrupted posting goes on, also from another folder and also with --again") {
  PostingNote moved = note_of("x");
  moved.items_path = "/elsewhere/i.csv";
  const PostingPlan plan = plan_of({moved}, "x", GENERATE(false, true));
  CHECK(plan.what == What::go_on);
  CHECK(plan.note.posted == 2500);
  CHECK(plan.note.items_path == "/home/me/i.csv");
}

TEST_CASE("files that were posted are posted once more only with --again") {
  const std::vector<PostingNote> notes{note_of("x", PostingStep::posted, 0), note_of("x", PostingStep::posted, 1)};
  CHECK(plan_of(notes, "x").what == What::posted_already);
  CHECK(plan_of(notes, "x").note.again == 1);
  const PostingPlan again = plan_of(notes, "x", true);
  CHECK(again.what == What::start);
  CHECK(again.note.again == 2);
}

TEST_CASE("a posting that was cancelled before its end is no obstacle, and its key is not used again") {
  const PostingPlan plan = plan_of({note_of("x", PostingStep::abandoned)}, "x");
  CHECK(plan.what == What::start);
  CHECK(plan.note.again == 1);
}

TEST_CASE("files that changed since their posting was interrupted are refused") {
  CHECK(plan_of({note_of("before")}, "after").what == What::files_changed);
  CHECK(plan_of({note_of("before")}, "after", true).what == What::files_changed);
  CHECK(plan_of({note_of("before", PostingStep::opening)}, "after").what == What::files_changed);
  // Not so when that posting has ended, or was of other files, or of another account.
  CHECK(plan_of({note_of("before", PostingStep::posted)}, "after").what == What::start);
  PostingNote other = note_of("before");
  other.items_path = "/home/me/other.csv";
  CHECK(plan_of({other}, "after").what == What::start);
  other = note_of("before");
  other.owner = "broker/18";
  CHECK(plan_of({other}, "after").what == What::start);
}

TEST_CASE("the key of a posting follows from its files, its account and its number alone") {
  const Digest a = sha256("a");
  const Digest b = sha256("b");
  const std::string key = posting_key(AccountId{1}, a, b, 0);
  CHECK(key == posting_key(AccountId{1}, a, b, 0));
  CHECK(key != posting_key(AccountId{1}, b, a, 0));
  CHECK(key != posting_key(AccountId{1}, a, b, 1));
  CHECK(key != posting_key(AccountId{11}, a, b, 0));
  CHECK(key.size() == 64);
  CHECK(content_of(owner_of("k", AccountId{1}), a, b) != content_of(owner_of("l", AccountId{1}), a, b));
}

TEST_CASE("a file is written whole or not at all") {
  const ScratchFolder folder;
  folder.write("out.csv", "before");
  {
    cli::OutputFile file(folder.path() / "out.csv");
    file.stream() << "half of it";
  }
  CHECK(folder.read("out.csv") == "before");
  {
    cli::OutputFile file(folder.path() / "out.csv");
    file.stream() << "all of it";
    file.keep();
  }
  CHECK(folder.read("out.csv") == "all of it");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a file that cannot be written is named with the reason") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(cli::OutputFile(folder.path() / "none" / "out.csv"),
                    Catch::Contains("out.csv") && Catch::Contains("No such file"));
  CHECK_THROWS_WITH(cli::write_whole(folder.path(), "x"), Catch::Contains("cannot write"));
}

TEST_CASE("a full disk leaves what was there", "[full]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const ScratchFolder folder;
  folder.write("out.csv", "before");
  std::filesystem::create_symlink("/dev/full", folder.path() / ".out.csv.tally-partial");
  CHECK_THROWS_WITH(cli::write_whole(folder.path() / "out.csv", std::string(100'000, 'x')), Catch::Contains("out.csv"));
  CHECK(folder.read("out.csv") == "before");
}
