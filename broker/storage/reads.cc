#include "broker/storage/reads.h"

#include <chrono>
#include <exception>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "broker/storage/read_context.h"
#include "broker/storage/read_statements.h"
#include "common/base/assert.h"

namespace tally::storage {
namespace {

using Snapshot = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;

template <class T>
concept Answered = requires(const ReadContext& context, const T& request) {
  read(context, request);
};

Result<Reply, Refusal> read_any(const ReadContext& context, const Request& request) {
  return std::visit(
      [&](const auto& held) -> Result<Reply, Refusal> {
        if constexpr (Answered<std::decay_t<decltype(held)>>) {
          auto page = read(context, held);
          if (!page) return Unexpected{page.error()};
          return Reply(std::move(*page));
        } else {
          constexpr bool is_answered_here = false;
          TALLY_ASSERT(is_answered_here);
          return Unexpected{Refusal{}};
        }
      },
      request);
}

constexpr std::string_view cancelled = "57014";  // By statement_timeout.

}  // namespace

class Reads::Impl {
 public:
  Impl(ReadsConfig config, const std::atomic<bool>& stop) : config_(std::move(config)), stop_(stop) {}

  Result<Reply, Refusal> answer(const Request& request, AccountId who, Role role, Time now) {
    const std::string_view doing = codec::name_of_message(request);
    // While the database is known to be away one attempt is enough: others wait behind this one.
    const std::int64_t attempts_max = away_ ? 1 : config_.attempts_max;
    for (std::int64_t attempt = 1;; ++attempt) {
      try {
        Snapshot tx(connection().get());
        auto reply = read_any({tx, who, role, now, static_cast<std::size_t>(config_.frame_bytes_max)}, request);
        tx.commit();
        if (std::exchange(away_, false)) log("event=reader_back");
        return reply;
      } catch (const pqxx::failure& error) {
        const bool is_definite = connection_ && trouble_of(error, connection_->is_open()) == Trouble::definite;
        if (is_definite) return broken(doing, sqlstate_of(error), error);
        if (sqlstate_of(error) == cancelled) return too_long(doing);
        connection_.reset();
        if (attempt < attempts_max && wait_before(attempt)) continue;
        return away(doing, error);
      } catch (const std::exception& error) {
        return broken(doing, "", error);
      }
    }
  }

 private:
  Connection& connection() {
    if (connection_ && !connection_->is_open()) connection_.reset();
    if (!connection_) {
      auto fresh = std::make_unique<Connection>(config_.connection, Use::reader, read_statements::all);
      pqxx::nontransaction(fresh->get()).exec(read_statements::settings);
      connection_ = std::move(fresh);
    }
    return *connection_;
  }

  // False: the broker stops.
  [[nodiscard]] bool wait_before(std::int64_t attempt) const {
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(config_.retry_delay.ms << (attempt - 1));
    while (!stop_.load() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return !stop_.load();
  }

  Unexpected<Refusal> away(std::string_view doing, const pqxx::failure& error) {
    // One line for an outage, not one for each request.
    if (!std::exchange(away_, true)) {
      log("event=reader_away doing=" + std::string(doing) + " sqlstate=" + sqlstate_of(error) + " error=\"" +
          one_line(error.what()) + '"');
    }
    return {Refusal{RefusalCode::unavailable, "the database cannot be reached just now; ask again",
                    config_.retry_after.ms}};
  }
  Unexpected<Refusal> too_long(std::string_view doing) {
    connection_.reset();
    log("event=read_too_long doing=" + std::string(doing));
    return {Refusal{RefusalCode::unavailable, "the database took too long; ask again later, or for fewer rows",
                    config_.retry_after.ms}};
  }
  Unexpected<Refusal> broken(std::string_view doing, const std::string& sqlstate, const std::exception& error) {
    connection_.reset();
    log("event=read_failed doing=" + std::string(doing) + " sqlstate=" + sqlstate + " error=\"" +
        one_line(error.what()) + '"');
    return {Refusal{RefusalCode::internal_error, "the broker could not read this; its log says why", 0}};
  }
  void log(const std::string& key_value_line) const {
    if (config_.log) config_.log(key_value_line);
  }

  ReadsConfig config_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Connection> connection_;
  bool away_ = false;
};

Reads::Reads(ReadsConfig config, const std::atomic<bool>& stop)
    : impl_(std::make_unique<Impl>(std::move(config), stop)) {}
Reads::~Reads() = default;

Result<Reply, Refusal> Reads::answer(const Request& request, AccountId who, Role role, Time now) {
  return impl_->answer(request, who, role, now);
}

// ---- What the answers share -----------------------------------------------------------------------------------------

Contents contents_of(const ReadContext& context, ContentKind kind,
                     const std::vector<std::pair<PartId, std::int64_t>>& wanted) {
  if (wanted.empty()) return {};
  ArrayText parts;
  ArrayText numbers;
  for (const auto& [part, no] : wanted) {
    parts.add(part);
    numbers.add(no);
  }
  const auto rows = kind == ContentKind::answer
                        ? exec(context.tx, read_statements::read_answer_bodies, {parts.text(), numbers.text()})
                        : exec(context.tx, read_statements::read_contents_of,
                               {parts.text(), std::string(name_of(kind)), numbers.text()});
  Contents contents;
  for (const auto& row : rows) {
    contents[{PartId{number(row[0])}, number(row[1])}] = bytes(row[2]);
  }
  return contents;
}

std::string content_or_empty(const Contents& contents, PartId part, std::int64_t no) {
  const auto found = contents.find({part, no});
  return found == contents.end() ? std::string() : found->second;
}

bool has_rejection(std::string_view code) { return code == "rejected" || code == "reversed"; }

std::string reason_text(std::string code, const Contents& rejections, AssignmentId assignment) {
  if (!has_rejection(code)) return code;
  std::string words = content_or_empty(rejections, assignment.part, assignment.no);
  return words.empty() ? code : words;
}

std::optional<std::vector<std::int64_t>> numbers_of_cursor(std::string_view cursor) {
  std::vector<std::int64_t> numbers;
  for (;;) {
    const std::size_t dot = cursor.find('.');
    const auto piece = whole_number_from(cursor.substr(0, dot));
    if (!piece) return std::nullopt;
    numbers.push_back(*piece);
    if (dot == std::string_view::npos) return numbers;
    cursor.remove_prefix(dot + 1);
  }
}

}  // namespace tally::storage
