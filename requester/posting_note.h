#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "schemas/field.h"
#include "schemas/ids.h"

// What `post` remembers on disk of each posting, so that an interrupted one goes on and a finished one is not repeated
// by mistake. A note that is lost or damaged costs time, not money: the key of a posting follows from the content of
// its files, so the broker knows it again.
namespace tally::requester {

enum class PostingStep {
  opening,    // May have been announced to the broker.
  posting,    // Announced; items are being sent.
  posted,     // All items are at the broker.
  abandoned,  // Cancelled before that.
};

struct PostingNote {
  std::string content;  // Whose files these are, and what is in them: content_of().
  std::int64_t again = 0;
  PostingStep step = PostingStep::opening;
  std::string owner;  // owner_of(): the broker and the account.
  std::string project_path;
  std::string items_path;
  // From the broker's answer on.
  ProjectId project;
  std::int64_t part_size = 0;
  std::int64_t items_per_post_max = 0;
  std::int64_t posted = 0;  // Items 1 to this are durable there.
  friend bool operator==(const PostingNote&, const PostingNote&) = default;
};
[[nodiscard]] inline bool is_unfinished(const PostingNote& note) {
  return note.step == PostingStep::opening || note.step == PostingStep::posting;
}

[[nodiscard]] std::string owner_of(std::string_view server_key, AccountId account);
// 64 hex digits.
[[nodiscard]] std::string content_of(const std::string& owner, const Digest& project_file, const Digest& items_file);
// The key of the OpenProject: the same files posted by the same account for the `again`th time.
[[nodiscard]] std::string posting_key(AccountId account, const Digest& project_file, const Digest& items_file,
                                      std::int64_t again);

[[nodiscard]] std::string to_text(const PostingNote& note);
// The error says what is wrong with it.
[[nodiscard]] Result<PostingNote, std::string> posting_note_from(std::string_view text);

// The notes in a folder, one file each.
class PostingNotes {
 public:
  explicit PostingNotes(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Found {
    std::vector<PostingNote> notes;
    std::vector<std::string> damaged;  // Paths of files that hold no note. One of a known name counts as `opening`.
  };
  // A folder that is not there holds none. Throws std::runtime_error when it cannot be read.
  [[nodiscard]] Found read() const;
  // On disk when this returns. Throws std::runtime_error.
  void save(const PostingNote& note) const;
  void remove(const PostingNote& note) const;
  [[nodiscard]] std::filesystem::path path_of(const PostingNote& note) const;

 private:
  std::filesystem::path folder_;
};

// What to do about a posting, given what is remembered.
struct PostingPlan {
  enum class What {
    start,           // `note` is a new one, not saved yet.
    go_on,           // `note` was interrupted.
    posted_already,  // `note` is that posting.
    files_changed,   // `note` was interrupted, and a file of these paths is another now.
  };
  What what = What::start;
  PostingNote note;
};
// `wanted`: content, owner and paths of the files at hand. `again`: the user wants them posted once more.
[[nodiscard]] PostingPlan plan_posting(const std::vector<PostingNote>& notes, const PostingNote& wanted, bool again);

}  // namespace tally::requester

namespace tally {
template <>
struct EnumNames<requester::PostingStep> {
  static constexpr std::array<std::string_view, 4> names{"opening", "posting", "posted", "abandoned"};
};
}  // namespace tally
