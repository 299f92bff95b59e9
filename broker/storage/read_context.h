#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/storage/array.h"
#include "broker/storage/connection.h"
#include "common/base/result.h"
#include "common/codec/messages_codec.h"
#include "schemas/messages.h"
#include "schemas/records.h"

// Inside broker/storage: what one request that is read by Reads has at hand, and what its answers share.
namespace tally::storage {

struct ReadContext {
  pqxx::transaction_base& tx;  // Read only; all its statements see one moment.
  AccountId who;
  Role role = Role::worker;
  Time now;
  std::size_t frame_bytes_max = 0;
};

// ---- One function a request -----------------------------------------------------------------------------------------

// reads_projects.cc
[[nodiscard]] Result<ProjectDescription, Refusal> read(const ReadContext& context, const DescribeProject& request);
[[nodiscard]] Result<ProjectsPage, Refusal> read(const ReadContext& context, const ListProjects& request);
[[nodiscard]] Result<ProjectStatus, Refusal> read(const ReadContext& context, const GetStatus& request);
// reads_results.cc
[[nodiscard]] Result<ResultsPage, Refusal> read(const ReadContext& context, const GetResults& request);
// reads_people.cc
[[nodiscard]] Result<EarningsPage, Refusal> read(const ReadContext& context, const Earnings& request);
[[nodiscard]] Result<Balance, Refusal> read(const ReadContext& context, const GetBalance& request);
[[nodiscard]] Result<AccountsPage, Refusal> read(const ReadContext& context, const ListAccounts& request);

// ---- Projects -------------------------------------------------------------------------------------------------------

// A project as its row in the catalogue has it.
struct ProjectHead {
  PartId control;
  ProjectRow row;  // Without its progress.
  std::string spec;
  std::int64_t part_size = 0;
  Micros reserved;
};

// The project, where this account may look into it: an admin into all, a requester into their own, a worker into all
// (which of them is their business, the role of a message says). Refusal: project_not_found, not_yours.
[[nodiscard]] Result<ProjectHead, Refusal> find_project(const ReadContext& context, ProjectId project);

// ---- Rows -----------------------------------------------------------------------------------------------------------

[[nodiscard]] inline std::int64_t number(const pqxx::field& field) { return field.as<std::int64_t>(); }
[[nodiscard]] inline Micros amount(const pqxx::field& field) { return Micros{number(field)}; }
[[nodiscard]] inline std::string text(const pqxx::field& field) { return field.as<std::string>(); }
[[nodiscard]] inline std::string bytes(const pqxx::field& field) { return bytes_from_bytea(field.c_str()); }

template <NamedEnum Enum>
[[nodiscard]] Enum named(const pqxx::field& field) {
  const auto value = from_name<Enum>(field.c_str());
  if (!value) throw std::runtime_error("the database gave an unknown name: " + one_line(field.c_str()));
  return *value;
}

// What was decoded of our own bytes: a refusal means that they were damaged.
template <class T>
[[nodiscard]] T undamaged(Result<T, Refusal> decoded) {
  if (!decoded) throw std::runtime_error("a row is damaged: " + decoded.error().detail);
  return std::move(*decoded);
}

[[nodiscard]] inline std::string parameter(std::int64_t value) { return std::to_string(value); }
[[nodiscard]] inline std::string parameter(PartId part) { return std::to_string(part.value); }
[[nodiscard]] inline std::string parameter(AccountId account) { return std::to_string(account.value); }

// Contents of one kind by (part, number); those that are erased, or were never there, are missing.
using Contents = std::map<std::pair<PartId, std::int64_t>, std::string>;
[[nodiscard]] Contents contents_of(const ReadContext& context, ContentKind kind,
                                   const std::vector<std::pair<PartId, std::int64_t>>& wanted);
// The content, or "".
[[nodiscard]] std::string content_or_empty(const Contents& contents, PartId part, std::int64_t no);

// Why an answer is not paid: the words of a requester (or admin) where there are any, else the code of the decision.
[[nodiscard]] std::string reason_text(std::string code, const Contents& rejections, AssignmentId assignment);
// Whether there may be such words.
[[nodiscard]] bool has_rejection(std::string_view code);

// ---- Pages ----------------------------------------------------------------------------------------------------------

constexpr std::int64_t rows_max = 1000;
[[nodiscard]] inline std::int64_t rows_wanted(std::int64_t limit) {
  return std::clamp<std::int64_t>(limit, 1, rows_max);
}

// A cursor is the key of the last row, as numbers joined by dots.
template <std::size_t N>
[[nodiscard]] std::string cursor_text(const std::array<std::int64_t, N>& key) {
  std::string joined;
  for (const std::int64_t part : key) joined += (joined.empty() ? "" : ".") + std::to_string(part);
  return joined;
}
[[nodiscard]] std::optional<std::vector<std::int64_t>> numbers_of_cursor(std::string_view cursor);

// The key that a page starts after; `first` where the cursor is empty. Refusal: malformed.
template <std::size_t N>
[[nodiscard]] Result<std::array<std::int64_t, N>, Refusal> key_of(std::string_view cursor,
                                                                  const std::array<std::int64_t, N>& first) {
  if (cursor.empty()) return first;
  const auto numbers = numbers_of_cursor(cursor);
  if (!numbers || numbers->size() != N) {
    return Unexpected{Refusal{RefusalCode::malformed, "after is not a cursor of this list", 0}};
  }
  std::array<std::int64_t, N> key{};
  std::copy(numbers->begin(), numbers->end(), key.begin());
  return key;
}

// Puts rows on a page until one has no place: it would make the encoded page too large. The first one always has.
template <class Page>
class PageFiller {
 public:
  using Row = typename decltype(Page::rows)::value_type;

  PageFiller(Page& page, std::size_t bytes_max) : page_(page), bytes_max_(bytes_max) {}

  [[nodiscard]] bool add(Row row) {
    Page alone;
    alone.rows.push_back(std::move(row));
    Reply reply(std::move(alone));
    const std::size_t row_bytes = codec::encode_body(reply).size() - empty_bytes_;
    if (!page_.rows.empty() && bytes_ + row_bytes > bytes_max_) return false;
    bytes_ += row_bytes;
    page_.rows.push_back(std::move(std::get<Page>(reply).rows.front()));
    return true;
  }
  // False: not all of them had a place.
  [[nodiscard]] bool add_all(std::vector<Row> rows) {
    return std::all_of(rows.begin(), rows.end(), [&](Row& row) { return add(std::move(row)); });
  }
  // What is left for rows like those so far, at least one.
  [[nodiscard]] std::size_t room_in_rows() const {
    if (page_.rows.empty() || bytes_ >= bytes_max_) return 1;
    return std::max<std::size_t>(1, (bytes_max_ - bytes_) * page_.rows.size() / bytes_);
  }

 private:
  static constexpr std::size_t head_bytes = 512;  // Of what a page holds beside its rows.

  Page& page_;
  std::size_t bytes_max_;
  std::size_t empty_bytes_ = codec::encode_body(Reply(Page{})).size();
  std::size_t bytes_ = empty_bytes_ + head_bytes;
};

}  // namespace tally::storage
