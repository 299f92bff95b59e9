#include "requester/posting_note.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <nlohmann/json.hpp>

#include "common/cli/output_file.h"

namespace tally::requester {
namespace {

constexpr int format = 1;
constexpr std::string_view extension = ".json";

// A posting whose note cannot be read, by the file's name: <content>-<again>.json.
std::optional<PostingNote> note_of_name(const std::filesystem::path& path) {
  const std::string stem = path.stem();
  const auto dash = stem.find('-');
  if (dash != 64 || stem.find_first_not_of("0123456789abcdef") != dash) return std::nullopt;
  const auto again = whole_number_from(std::string_view(stem).substr(dash + 1));
  if (!again || *again < 0) return std::nullopt;
  PostingNote note;
  note.content = stem.substr(0, dash);
  note.again = *again;
  return note;
}

std::string content_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string owner_of(std::string_view server_key, AccountId account) {
  return hex_of(server_key) + "/" + std::to_string(account.value);
}

std::string content_of(const std::string& owner, const Digest& project_file, const Digest& items_file) {
  return hex_of(sha256("posting\n" + owner + "\n" + hex_of(project_file) + "\n" + hex_of(items_file)));
}

// Without the broker's key: a broker that was given another one must still know the posting again.
std::string posting_key(AccountId account, const Digest& project_file, const Digest& items_file, std::int64_t again) {
  const std::string files = hex_of(project_file) + "\n" + hex_of(items_file);
  return hex_of(sha256("open_project\n" + std::to_string(account.value) + "\n" + files + "\n" + std::to_string(again)));
}

std::string to_text(const PostingNote& note) {
  nlohmann::ordered_json json;
  json["format"] = format;
  json["content"] = note.content;
  json["again"] = note.again;
  json["step"] = name_of(note.step);
  json["owner"] = note.owner;
  json["project_path"] = note.project_path;
  json["items_path"] = note.items_path;
  json["project"] = note.project.value;
  json["part_size"] = note.part_size;
  json["items_per_post_max"] = note.items_per_post_max;
  json["posted"] = note.posted;
  // Paths may be of any bytes.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<PostingNote, std::string> posting_note_from(std::string_view text) {
  PostingNote note;
  try {
    const auto json = nlohmann::json::parse(text);
    if (json.at("format") != format) return Unexpected{std::string("is of another version of this program")};
    note.content = json.at("content").get<std::string>();
    note.again = json.at("again").get<std::int64_t>();
    const auto step = from_name<PostingStep>(json.at("step").get<std::string>());
    if (!step) return Unexpected{std::string("has an unknown step")};
    note.step = *step;
    note.owner = json.at("owner").get<std::string>();
    note.project_path = json.at("project_path").get<std::string>();
    note.items_path = json.at("items_path").get<std::string>();
    note.project.value = json.at("project").get<std::int64_t>();
    note.part_size = json.at("part_size").get<std::int64_t>();
    note.items_per_post_max = json.at("items_per_post_max").get<std::int64_t>();
    note.posted = json.at("posted").get<std::int64_t>();
  } catch (const nlohmann::json::exception&) {
    return Unexpected{std::string("is damaged")};
  }
  const bool is_numbered = note.project.value >= 1 && note.part_size >= 1 && note.items_per_post_max >= 1;
  if (note.again < 0 || note.posted < 0 || (note.step == PostingStep::posting && !is_numbered)) {
    return Unexpected{std::string("is damaged")};
  }
  return note;
}

PostingNotes::Found PostingNotes::read() const {
  Found found;
  if (!std::filesystem::exists(folder_)) return found;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() == extension) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    auto note = posting_note_from(content_of_file(path));
    const auto named = note_of_name(path);
    const bool is_good = note && named && note->content == named->content && note->again == named->again;
    if (is_good) {
      found.notes.push_back(std::move(*note));
      continue;
    }
    found.damaged.push_back(path.string());
    if (named) found.notes.push_back(*named);
  }
  return found;
}

void PostingNotes::save(const PostingNote& note) const {
  std::filesystem::create_directories(folder_);
  cli::write_whole(path_of(note), to_text(note));
}

void PostingNotes::remove(const PostingNote& note) const { std::filesystem::remove(path_of(note)); }

std::filesystem::path PostingNotes::path_of(const PostingNote& note) const {
  return folder_ / (note.content + "-" + std::to_string(note.again) + std::string(extension));
}

PostingPlan plan_posting(const std::vector<PostingNote>& notes, const PostingNote& wanted, bool again) {
  using What = PostingPlan::What;
  const PostingNote* posted = nullptr;
  PostingNote next = wanted;
  next.again = 0;
  for (const PostingNote& note : notes) {
    if (note.content != wanted.content) continue;
    if (is_unfinished(note)) {
      // The paths are those of today: a file that was moved is the same file.
      PostingNote same = note;
      same.owner = wanted.owner;
      same.project_path = wanted.project_path;
      same.items_path = wanted.items_path;
      return {What::go_on, same};
    }
    if (note.step == PostingStep::posted && (posted == nullptr || posted->again < note.again)) posted = &note;
    next.again = std::max(next.again, note.again + 1);
  }
  for (const PostingNote& note : notes) {
    if (is_unfinished(note) && note.owner == wanted.owner && note.project_path == wanted.project_path &&
        note.items_path == wanted.items_path) {
      return {What::files_changed, note};
    }
  }
  if (posted != nullptr && !again) return {What::posted_already, *posted};
  return {What::start, next};
}

}  // namespace tally::requester
