#include "broker/admission.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/project/check_spec.h"

namespace tally::broker {
namespace {

constexpr std::size_t key_bytes_max = 100;
constexpr std::size_t name_bytes_max = 400;  // 100 characters.
constexpr std::size_t address_bytes_max = 200;
constexpr std::size_t note_bytes_max = 2'000;
constexpr std::size_t cell_bytes_max = 64UL * 1024;
constexpr std::size_t row_bytes_max = 256UL * 1024;
constexpr std::size_t answer_bytes_max = 64UL * 1024;
constexpr std::int64_t items_max = 1'000'000'000;
constexpr std::int64_t invitation_max_ms = 366LL * 86'400'000;

using Objection = std::optional<Refusal>;

Refusal too_large(std::string detail) { return {RefusalCode::too_large, std::move(detail), 0}; }
Refusal malformed(std::string detail) { return {RefusalCode::malformed, std::move(detail), 0}; }

Objection too_long(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::nullopt;
  return too_large(std::string(what) + " has " + std::to_string(text.size()) + " bytes; at most " +
                   std::to_string(bytes_max) + " are taken");
}

Objection not_one_line(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return malformed(std::string(what) + " must be one line without control characters");
  }
  return too_long(what, text, bytes_max);
}

// The name under which a command is carried out once.
Objection bad_key(std::string_view key) {
  if (key.empty()) return malformed("key is empty: give each command a new one, and the same when it is sent again");
  return not_one_line("key", key, key_bytes_max);
}

Objection bad_digest(const Bytes& digest) {
  if (digest.value.size() == std::tuple_size_v<Digest>) return std::nullopt;
  return malformed("secret_digest must be the 32 bytes of a SHA-256");
}

struct Checker {
  const Config& config;

  Objection operator()(const OpenProject& m) const {
    if (auto bad = bad_key(m.key)) return bad;
    if (m.answers_max < 0) return malformed("answers_max is below zero");
    // Whether the deadline lies ahead is the core's to say: the same command again, later, has its first outcome.
    const auto checked = project::check_spec(m.spec, Time{});
    return checked ? Objection{} : Objection{checked.error()};
  }
  Objection operator()(const PostItems& m) const {
    if (std::ssize(m.items) > config.items_per_post_max) {
      return too_large("at most " + std::to_string(config.items_per_post_max) + " items go into one message");
    }
    if (m.first < 1 || m.first > items_max) return malformed("first is not the number of an item");
    for (std::size_t i = 0; i < m.items.size(); ++i) {
      const std::string which = "item " + std::to_string(m.first + static_cast<std::int64_t>(i));
      std::size_t bytes = 0;
      for (const std::string& value : m.items[i].values) {
        if (auto bad = too_long(which + ": a value", value, cell_bytes_max)) return bad;
        bytes += value.size();
      }
      if (bytes > row_bytes_max)
        return too_large(which + " is larger than " + std::to_string(row_bytes_max) + " bytes");
    }
    return std::nullopt;
  }
  Objection operator()(const Submit& m) const {
    if (std::ssize(m.answers) > config.submits_per_message_max) {
      return too_large("at most " + std::to_string(config.submits_per_message_max) + " answers go into one message");
    }
    for (std::size_t i = 0; i < m.answers.size(); ++i) {
      std::size_t bytes = 0;
      for (const auto& [field, values] : m.answers[i].values) {
        bytes += field.size();
        for (const std::string& value : values) bytes += value.size();
      }
      if (bytes > answer_bytes_max) {
        return too_large("answers[" + std::to_string(i) + "] is larger than " + std::to_string(answer_bytes_max) +
                         " bytes");
      }
    }
    return std::nullopt;
  }
  Objection operator()(const Pull& m) const {
    const std::int64_t most = config.core.tasks_per_message_max;
    if (m.count < 0 || m.wait_ms < 0) return malformed("count and wait_ms are not below zero");
    if (std::ssize(m.items) > most) return too_large("at most " + std::to_string(most) + " items in one message");
    return std::nullopt;
  }
  Objection operator()(const Invite& m) const {
    if (auto bad = bad_key(m.key)) return bad;
    if (m.valid_ms < 1000 || m.valid_ms > invitation_max_ms) {
      return malformed("an invitation is valid for one second to 366 days");
    }
    return not_one_line("display_name", m.display_name, name_bytes_max);
  }
  Objection operator()(const Deposit& m) const {
    if (auto bad = bad_key(m.key)) return bad;
    return too_long("note", m.note, note_bytes_max);
  }
  Objection operator()(const Bonus& m) const {
    if (auto bad = bad_key(m.key)) return bad;
    return too_long("reason", m.reason, note_bytes_max);
  }
  Objection operator()(const Extend& m) const {
    if (auto bad = bad_key(m.key)) return bad;
    if (m.deadline_ms >= 0 && m.deadline_ms <= project::deadline_max.ms) return std::nullopt;
    return Refusal{RefusalCode::deadline_invalid, "the deadline must lie before the year 10000", 0};
  }
  Objection operator()(const Review& m) const { return too_long("reason", m.reason, note_bytes_max); }
  Objection operator()(const Reverse& m) const { return too_long("reason", m.reason, note_bytes_max); }
  Objection operator()(const Suspend& m) const { return too_long("reason", m.reason, note_bytes_max); }
  Objection operator()(const SetPayoutAddress& m) const {
    return not_one_line("address", m.address, address_bytes_max);
  }
  Objection operator()(const ExportPayouts& m) const {
    if (m.minimum.value < 0) return Refusal{RefusalCode::amount_invalid, "the minimum is below zero", 0};
    return bad_run(m.run);
  }
  Objection operator()(const SettlePayouts& m) const { return bad_run(m.run); }
  Objection operator()(const Hello& m) const { return too_long("client", m.client, key_bytes_max); }
  Objection operator()(const Join& m) const { return too_long("code", m.code, key_bytes_max); }
  Objection operator()(const OpenGrant& m) const {
    if (auto bad = too_long("code", m.code, key_bytes_max)) return bad;
    return bad_digest(m.secret_digest);
  }
  Objection operator()(const RenewGrant& m) const { return bad_digest(m.secret_digest); }
  template <class Other>
  Objection operator()(const Other&) const {
    return std::nullopt;
  }

  static Objection bad_run(std::string_view run) {
    if (run.empty()) return malformed("run is empty: give the payout run a name, such as 2026-11");
    return not_one_line("run", run, key_bytes_max);
  }
};

}  // namespace

std::optional<Refusal> objection_to(const Request& request, const Config& config) {
  return std::visit(Checker{config}, request);
}

void RateGate::fill(Bucket& bucket, Time now) const {
  const std::int64_t passed = std::clamp<std::int64_t>((now - bucket.at).ms, 0, 86'400'000);
  bucket.millis = std::min(burst_ * 1000, bucket.millis + passed * per_second_);
  bucket.at = now;
}

std::optional<Duration> RateGate::ask(const std::string& key, Time now) {
  const auto [place, is_new] = buckets_.try_emplace(key, Bucket{burst_ * 1000, now});
  Bucket& bucket = place->second;
  fill(bucket, now);
  if (bucket.millis < 1000) return Duration{(1000 - bucket.millis + per_second_ - 1) / per_second_};
  bucket.millis -= 1000;
  return std::nullopt;
}

void RateGate::forget_idle(Time now) {
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    fill(it->second, now);
    it = it->second.millis == burst_ * 1000 ? buckets_.erase(it) : std::next(it);
  }
}

}  // namespace tally::broker
