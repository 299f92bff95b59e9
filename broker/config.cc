#include "broker/config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

#include "common/base/decimal.h"
#include "common/project/toml_section.h"
#include "schemas/qualification_name.h"

namespace tally::broker {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t second = 1000;
constexpr std::int64_t day = 86'400 * second;

struct Reader {
  project::TomlSection& section;
  const Setting& setting;
  std::string key{setting.key};

  void operator()(std::string* place) const {
    auto value = section.text(key);
    if (!value) return;
    const auto& choices = setting.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), *value) == choices.end()) {
      return section.wrong(*section.take(key), key, "must be one of: " + std::string(setting.about));
    }
    *place = std::move(*value);
  }
  void operator()(bool* place) const { *place = section.yes_or_no(key, *place); }
  void operator()(std::int64_t* place) const { *place = section.whole(key, *place, setting.min, setting.max); }
  void operator()(std::size_t* place) const {
    *place = static_cast<std::size_t>(section.whole(key, static_cast<std::int64_t>(*place), setting.min, setting.max));
  }
  void operator()(Duration* place) const {
    const Duration value = section.duration(key, *place);
    if (value.ms >= setting.min && value.ms <= setting.max) {
      *place = value;
    } else {
      section.wrong(*section.take(key), key,
                    "must lie between " + to_text(Duration{setting.min}) + " and " + to_text(Duration{setting.max}));
    }
  }
};

// A libpq connection string without what must not be shown.
std::string without_password(const std::string& connection) {
  std::istringstream words(connection);
  std::string shown;
  for (std::string word; words >> word;) {
    if (word.starts_with("password=") || word.find("://") != std::string::npos) word = "(not shown)";
    shown += (shown.empty() ? "" : " ") + word;
  }
  return shown;
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

struct Writer {
  std::string_view key;
  std::string operator()(const std::string* value) const {
    return quoted(key.starts_with("connection") ? without_password(*value) : *value);
  }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const std::size_t* value) const { return std::to_string(*value); }
  std::string operator()(const Duration* value) const { return quoted(to_text(*value)); }
};

// What a value may be, where it has a bound.
struct BoundText {
  const Setting& setting;

  std::string operator()(const std::string*) const { return {}; }
  std::string operator()(const bool*) const { return {}; }
  std::string operator()(const Duration*) const { return from_to(Duration{setting.min}, Duration{setting.max}); }
  std::string operator()(const std::int64_t*) const { return from_to(setting.min, setting.max); }
  std::string operator()(const std::size_t*) const { return from_to(setting.min, setting.max); }

 private:
  static std::string text(std::int64_t value) { return std::to_string(value); }
  static std::string text(Duration value) { return value.ms == 0 ? "0s" : to_text(value); }
  template <class Value>
  [[nodiscard]] std::string from_to(Value min, Value max) const {
    if (setting.max == any) return " (" + text(min) + " or more)";
    return " (" + text(min) + " to " + text(max) + ")";
  }
};

// ---- Rules that grant a qualification -------------------------------------------------------------------------------

constexpr const char* rule_key = "qualification_rule";
constexpr const char* rule_section = "[[qualification_rule]]";
constexpr std::int64_t judged_max = 1'000'000'000;
constexpr std::int64_t million = 1'000'000;

// In parts of a million.
std::int64_t agreement_in(project::TomlSection& section, std::int64_t otherwise) {
  const toml::node* node = section.take("agreement");
  if (node == nullptr) return otherwise;
  // 1 is a whole number in TOML, and 1.0 is not.
  const auto share = node->is_number() ? node->value<double>() : std::nullopt;
  if (share && std::isfinite(*share) && *share >= 0 && *share <= 1) return std::llround(*share * million);
  section.wrong(*node, "agreement", "must be a share from 0.0 to 1.0, such as 0.9");
  return otherwise;
}

core::QualificationRule rule_in(const toml::table& table, project::TomlSource& source) {
  project::TomlSection section(table, rule_section, source);
  core::QualificationRule rule;
  rule.name = section.required_text("name");
  const toml::node* name = table.get("name");
  if (name != nullptr && name->is_string() && !is_qualification_name(rule.name)) {
    section.wrong(*name, "name", "is not one: " + std::string(qualification_name_rule));
  }
  // At least one: of nobody's answers any share agrees.
  rule.judged_min = section.whole("judged", rule.judged_min, 1, judged_max);
  rule.agreement_ppm = agreement_in(section, rule.agreement_ppm);
  section.done();
  return rule;
}

// Those of the file take the place of all that were there.
void read_rules(project::TomlSection& top, project::TomlSource& source, std::vector<core::QualificationRule>& rules) {
  const toml::node* node = top.take(rule_key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    return source.mistake(node->source(), "a rule begins with [[qualification_rule]], in two brackets");
  }
  if (array->size() > qualification_rules_max) {
    source.mistake(array->get(qualification_rules_max)->source(),
                   "there are at most " + std::to_string(qualification_rules_max) + " " + rule_section);
  }
  rules.clear();
  std::map<std::string, std::uint32_t> lines;  // Where each name was first.
  for (const toml::node& element : *array) {
    const toml::table& table = *element.as_table();
    rules.push_back(rule_in(table, source));
    const std::string& name = rules.back().name;
    const auto [first, is_new] = lines.emplace(name, table.source().begin.line);
    if (is_new || name.empty()) continue;
    source.mistake(table.get("name")->source(),
                   "name '" + name + "' has a rule already, in line " + std::to_string(first->second));
  }
}

std::string rules_text(const std::vector<core::QualificationRule>& rules) {
  std::string text =
      "\n# A qualification that every worker is granted by itself who reaches this standing over all projects: so many "
      "answers\n# judged by a verdict (1 to " +
      std::to_string(judged_max) + "), and so large a share of them agreeing with it (0.0 to 1.0). At most " +
      std::to_string(qualification_rules_max) + " rules.\n";
  if (rules.empty()) {
    const core::QualificationRule usual;
    text += "# " + std::string(rule_section) + "\n# name = 'trusted'\n# judged = " + std::to_string(usual.judged_min) +
            "\n# agreement = " + decimal_text(usual.agreement_ppm) + "\n";
  }
  for (const core::QualificationRule& rule : rules) {
    text += std::string(rule_section) + "\nname = " + quoted(rule.name) +
            "\njudged = " + std::to_string(rule.judged_min) + "\nagreement = " + decimal_text(rule.agreement_ppm) +
            "\n";
  }
  return text;
}

}  // namespace

std::vector<Setting> settings_of(Config& c) {
  return {
      {"server", "host", &c.host, 0, 0, "address to listen on; * for all"},
      {"server", "port", &c.port, 0, 65535, "of the main socket; 0: the system picks one"},
      {"server", "enrolment_port", &c.enrolment_port, 0, 65535, "where new keys join; 0: the system picks one"},
      {"server", "public_host", &c.public_host, 0, 0, "the name that invitations carry; empty: host"},
      {"server", "currency", &c.currency, 0, 0, "shown beside amounts; a label only"},
      {"server", "log_level", &c.log_level, 0, 0, "debug, info, warn, error", {"debug", "info", "warn", "error"}},

      {"database", "connection", &c.database, 0, 0,
       "libpq connection string as the broker's role; empty: a private PostgreSQL in the data folder"},
      {"database", "connection_of_owner", &c.database_owner, 0, 0,
       "the same as the owner of the tables, for migrations; empty: connection"},
      {"database", "postgres_user", &c.postgres_user, 0, 0, "who the private PostgreSQL runs as when we are root"},
      {"database", "unsafe_fast", &c.unsafe_fast, 0, 0,
       "the private PostgreSQL without fsync: a crash of the machine loses what was acknowledged. For tests"},

      {"limits", "message_bytes_max", &c.message.bytes, 65'536, 1LL << 28, "of one message"},
      {"limits", "message_depth_max", &c.message.depth, 8, 100, "lists and maps inside each other in a message"},
      {"limits", "message_list_max", &c.message.list, 1'000, 10'000'000, "elements of one list in a message"},
      {"limits", "message_map_max", &c.message.map, 64, 1'000'000, "entries of one map in a message"},
      {"limits", "message_text_max", &c.message.text, 4'096, 1LL << 28, "bytes of one text in a message"},
      {"limits", "connections_max", &c.connections_max, 10, 1'000'000, "sockets open at a time"},
      {"limits", "queue_per_peer_max", &c.queue_per_peer_max, 1, 100'000, "messages held for one peer, each way"},
      {"limits", "messages_per_second", &c.messages_per_second, 1, 10'000'000, "of one account, on average"},
      {"limits", "messages_burst", &c.messages_burst, 1, 100'000'000, "of one account, at once"},
      {"limits", "enrolments_per_second", &c.enrolments_per_second, 1, 100'000, "join messages of all strangers"},
      {"limits", "submits_per_message_max", &c.submits_per_message_max, 1, 10'000, "answers in one message"},
      {"limits", "items_per_post_max", &c.items_per_post_max, 1, 20'000, "items in one message"},
      {"limits", "group_records_max", &c.group_records_max, 1, 10'000'000,
       "records in one transaction, about; past it the sockets wait"},
      {"limits", "group_bytes_max", &c.group_bytes_max, 65'536, 1LL << 30, "contents in one transaction, about"},
      {"limits", "reads_waiting_max", &c.reads_waiting_max, 1, 1'000'000, "lists and exports asked for and not begun"},
      {"limits", "replies_waiting_max", &c.replies_waiting_max, 1, 10'000'000, "replies whose items are being read"},
      {"limits", "item_cache_bytes", &c.item_cache_bytes, 0, any, "memory for items near being handed out"},
      {"limits", "snapshot_every", &c.snapshot_every, 1, 1'000'000, "batches of a part at least between two snapshots"},
      {"limits", "snapshot_growth", &c.snapshot_growth, 0, 1'000'000,
       "and so many times more records than a snapshot would hold facts"},
      {"limits", "fee_ppm", &c.core.fee_ppm, 0, 1'000'000, "the platform's fee, parts per million of a reward"},
      {"limits", "part_size", &c.core.part_size, 1, 1'000'000, "tasks in one part of a new project"},
      {"limits", "items_per_project_max", &c.core.items_per_project_max, 1, 1'000'000'000, "items of a project"},
      {"limits", "leases_per_worker_max", &c.core.leases_per_worker_max, 1, 100'000, "live at a time, all projects"},
      {"limits", "tasks_per_message_max", &c.core.tasks_per_message_max, 1, 10'000, "that one message may ask for"},
      {"limits", "waiting_pulls_max", &c.core.waiting_pulls_max, 1, 10'000'000, "workers who wait for work"},
      {"limits", "waiting_pulls_per_account_max", &c.core.waiting_pulls_per_account_max, 1, 100'000, "of one account"},
      {"limits", "parked_per_part_max", &c.core.parked_per_part_max, 1, 10'000'000, "commands that wait for one part"},
      {"limits", "parked_max", &c.core.parked_max, 1, 10'000'000, "commands that wait for any part"},
      {"limits", "parked_per_key_max", &c.core.parked_per_key_max, 1, 10'000'000, "commands of one client that wait"},
      {"limits", "parked_bytes_per_key_max", &c.core.parked_bytes_per_key_max, 65'536, any, "the same in bytes"},
      {"limits", "parked_bytes_max", &c.core.parked_bytes_max, 65'536, any, "bytes of commands that wait for any part"},
      {"limits", "loading_ahead_max", &c.core.loading_ahead_max, 1, 100'000, "parts read before it is their turn"},
      {"limits", "reply_bytes_max", &c.core.reply_bytes_max, 65'536, 8LL << 20,
       "items in one reply; one item alone may be more"},
      {"limits", "steps_per_tick_max", &c.core.steps_per_tick_max, 1, 1'000'000, "expiries in one go"},
      {"limits", "pulls_per_turn_max", &c.core.pulls_per_turn_max, 1, 1'000'000, "waiting pulls looked at in one go"},
      {"limits", "projects_per_pull_max", &c.core.projects_per_pull_max, 1, 1'000'000,
       "projects looked at for a pull that names none"},
      {"limits", "part_bytes_max", &c.core.part_bytes_max, 1LL << 20, any,
       "memory for tasks; what is worked on stays, whatever this says"},
      {"limits", "parts_in_memory_max", &c.core.parts_in_memory_max, 1, 1'000'000, "the same, in parts of projects"},
      {"limits", "cursors_max", &c.core.cursors_max, 100, 100'000'000,
       "workers through projects: how far each has looked; the oldest are forgotten"},

      {"times", "wait_max", &c.core.wait_max, 0, day, "the longest a pull waits at the broker"},
      {"times", "sweep_every", &c.core.sweep_every, 100, day, "earnings of open parts go to wallets this often"},
      {"times", "patience_check_every", &c.core.patience_check_every, 100, day,
       "how often tasks without an eligible worker are looked for"},
      {"times", "part_idle_max", &c.core.part_idle_max, 0, day, "how long a part that nobody needs stays in memory"},
      {"times", "lease", &c.lease, 2 * second, day, "how long a part stays this broker's without a sign of life"},
      {"times", "away_after", &c.away_after, 100, day, "how long the database may be away before commands are refused"},
  };
}

Result<Done, std::string> read_config(std::string_view text, const std::string& file, Config& config) {
  project::TomlSource source(text, file);
  toml::table table;
  try {
    table = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Unexpected{file + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())};
  }
  project::TomlSection top(table, "", source);
  const std::vector<Setting> settings = settings_of(config);
  std::map<std::string_view, std::vector<const Setting*>> sections;
  for (const Setting& setting : settings) sections[setting.section].push_back(&setting);
  for (const auto& [name, members] : sections) {
    const toml::table* here = top.table(std::string(name));
    if (here == nullptr) continue;
    project::TomlSection section(*here, "[" + std::string(name) + "]", source);
    for (const Setting* setting : members) std::visit(Reader{section, *setting}, setting->place);
    section.done();
  }
  read_rules(top, source, config.core.qualification_rules);
  top.done();
  if (source.has_mistake()) return Unexpected{source.first_mistake()};
  return Done{};
}

std::string to_toml(const Config& config) {
  Config copy = config;
  std::string text;
  std::string_view section;
  for (const Setting& setting : settings_of(copy)) {
    if (setting.section != section) text += (text.empty() ? "[" : "\n[") + std::string(setting.section) + "]\n";
    section = setting.section;
    text += "# " + std::string(setting.about) + std::visit(BoundText{setting}, setting.place) + "\n" +
            std::string(setting.key) + " = " + std::visit(Writer{setting.key}, setting.place) + "\n";
  }
  return text + rules_text(config.core.qualification_rules);
}

}  // namespace tally::broker
