#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/core/core.h"
#include "common/base/result.h"
#include "common/codec/limits.h"
#include "schemas/time.h"

// Every bound and choice of a broker, in one place.
namespace tally::broker {

struct Config {
  // [server]
  std::string host = "127.0.0.1";
  std::int64_t port = 7700;
  std::int64_t enrolment_port = 7701;
  std::string public_host;
  std::string currency = "USD";
  std::string log_level = "info";

  // [database]
  std::string database;
  std::string database_owner;
  std::string postgres_user = "postgres";
  bool unsafe_fast = false;

  // [limits]
  codec::Limits message;  // Of one that a client sends.
  std::int64_t connections_max = 20'000;
  std::int64_t queue_per_peer_max = 64;
  std::int64_t messages_per_second = 1'000;
  std::int64_t messages_burst = 5'000;
  std::int64_t enrolments_per_second = 500;
  std::int64_t submits_per_message_max = 100;
  std::int64_t items_per_post_max = 1'000;
  std::int64_t group_records_max = 20'000;
  std::int64_t group_bytes_max = std::int64_t{32} << 20;
  std::int64_t reads_waiting_max = 1'000;
  std::int64_t replies_waiting_max = 20'000;
  std::int64_t item_cache_bytes = std::int64_t{64} << 20;
  std::int64_t snapshot_every = 256;
  std::int64_t snapshot_growth = 8;
  core::Limits core;

  // [times]
  Duration lease{30'000};
  Duration away_after{2'000};
};

// One line of the configuration file: where the value goes, what it may be, and what it is for.
struct Setting {
  std::string_view section;
  std::string_view key;
  std::variant<std::string*, std::int64_t*, std::size_t*, bool*, Duration*> place;
  std::int64_t min = 0;  // Of numbers, and of durations in milliseconds.
  std::int64_t max = 0;
  std::string_view about;                   // Unit and reason.
  std::vector<std::string_view> choices{};  // Of a text; none: any.
};
[[nodiscard]] std::vector<Setting> settings_of(Config& config);

// Sets what the file names. The error is "FILE:LINE: …", the first mistake by line, with what to do; an unknown key is
// one.
[[nodiscard]] Result<Done, std::string> read_config(std::string_view text, const std::string& file, Config& config);

// So many [[qualification_rule]] a file may have. Their names are those of qualifications, each once.
inline constexpr std::size_t qualification_rules_max = 20;

// The whole configuration as a file that read_config takes, each line with what it is for. Passwords in connection
// strings are left out.
[[nodiscard]] std::string to_toml(const Config& config);

}  // namespace tally::broker
