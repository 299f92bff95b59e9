#include "common/cli/program.h"

#include <array>
#include <cstdio>
#include <exception>
#include <iostream>

#include <sodium.h>

#include "common/base/digest.h"
#include "common/cli/arguments.h"
#include "common/cli/safe_text.h"

namespace tally::cli {
namespace {

constexpr std::int64_t wait_seconds_max = 86'400;

// What to do, where the code alone tells it.
std::string hint_for(RefusalCode code) {
  switch (code) {
    case RefusalCode::not_enrolled:
      return "join with an invitation first (join LINE), or name the profile that has: --profile NAME";
    case RefusalCode::role_not_allowed:
      return "workers use tally-worker, requesters tally-requester, admins tally-admin; --profile NAME is another "
             "account of yours";
    case RefusalCode::invitation_unknown:
      return "an invitation works once, and not for ever: ask the admin for a new one";
    case RefusalCode::key_in_use:
      return "to be someone else as well, name another profile: --profile NAME join LINE";
    case RefusalCode::internal_error:
      return "nothing was done; the broker's log says more";
    default:
      return "";
  }
}

std::string check_profile(const std::string& name) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  if (!name.empty() && name.size() <= 64 && name.find_first_not_of(plain) == std::string::npos) return "";
  return "a profile's name is of letters, digits, - and _";
}

// The next command to try.
std::string next_step(Role role) {
  switch (role) {
    case Role::worker:
      return "tally-worker projects  shows what there is to do; tally-worker work  starts";
    case Role::requester:
      return "tally-requester balance  shows what you can spend; tally-requester post project.toml items.csv  posts";
    case Role::admin:
      return "tally-admin invite --role requester NAME  invites the first requester";
    case Role::gateway:
      return "tally-gateway serve  serves the pages; --help shows how";
  }
  return "";
}

int say(const std::string& program, int code, const std::string& text) {
  std::cout.flush();
  std::cerr << program << ": " << safe_for_terminal(text, true) << '\n';
  return code;
}

}  // namespace

void fail(const Refusal& refusal) {
  std::string text = refusal.detail.empty() ? "refused: " + std::string(name_of(refusal.code)) : refusal.detail;
  const std::string hint = hint_for(refusal.code);
  if (!hint.empty()) text += "; " + hint;
  throw Failure{exit_refused, std::move(text)};
}

void fail_usage(std::string text) { throw Failure{exit_usage, std::move(text)}; }

struct Program::Impl {
  std::string name;
  Role role = Role::worker;
  std::string profile;
  std::int64_t wait_seconds = 30;
  std::string invitation;
  std::unique_ptr<net::Network> network;  // Outlives the client.
  std::unique_ptr<KeyFile> key_file;
  std::unique_ptr<net::BrokerClient> client;

  [[nodiscard]] Duration wait() const { return Duration{wait_seconds * 1000}; }
  [[nodiscard]] std::string command() const { return name + (profile == name_of(role) ? "" : " --profile " + profile); }
};

Program::Program(std::string name, std::string about, Role role)
    : app_(std::move(about), name), impl_(std::make_unique<Impl>()) {
  impl_->name = std::move(name);
  impl_->role = role;
  impl_->profile = std::string(name_of(role));
  set_help(app_);
  app_.footer("--profile and --wait may stand before or behind any command.");
  app_.require_subcommand(1);
  app_.fallthrough();  // --profile and --wait may also stand behind the command.
  app_.set_version_flag("--version", impl_->name + " " + TALLY_VERSION);
  app_.add_option("--profile", impl_->profile, "Who to be: the key file NAME.toml in $TALLY_HOME or ~/.tally")
      ->type_name("NAME")
      ->capture_default_str()
      ->check(check_profile, "");
  app_.add_option("--wait", impl_->wait_seconds, "How long to try to reach the broker")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, wait_seconds_max));
  CLI::App* joining = app_.add_subcommand("join", "Enrol with the line of an invitation; makes your key file");
  joining->add_option("LINE", impl_->invitation, "tally://HOST:PORT/SERVERKEY/CODE")->required();
  joining->callback([this] { join_now(); });
}

Program::~Program() = default;

void Program::join_now() {
  const auto path = key_file_path(impl_->profile);
  const auto joined = join(network(), impl_->invitation, path, impl_->role, impl_->wait());
  if (!joined) throw Failure{exit_refused, joined.error()};
  std::cout << "You are " << safe_for_terminal(joined->display_name, false) << ", " << name_of(joined->role)
            << ", account " << joined->account.value << ". Your key is in " << path.string()
            << ": keep a copy, and show it to nobody.\n"
            << "Next: " << next_step(impl_->role) << '\n';
}

Duration Program::wait() const { return impl_->wait(); }

const net::Network& Program::network() {
  if (!impl_->network) impl_->network = std::make_unique<net::Network>();
  return *impl_->network;
}

const KeyFile& Program::key_file() {
  if (impl_->key_file) return *impl_->key_file;
  auto file = load_key_file(key_file_path(impl_->profile));
  if (!file) fail_usage(file.error());
  if (file->account.value == 0 || file->port == 0) {
    fail_usage("the join of this profile was not finished: say again  " + impl_->command() + " join LINE");
  }
  impl_->key_file = std::make_unique<KeyFile>(std::move(*file));
  return *impl_->key_file;
}

net::BrokerClient& Program::client() {
  if (!impl_->client) {
    const auto config = conversation_config(key_file());
    impl_->client = std::make_unique<net::BrokerClient>(network(), config, impl_->wait());
  }
  return *impl_->client;
}

int Program::run(int argc, const char* const* argv) {
  const std::string& name = impl_->name;
  try {
    if (const auto code = parse(app_, argc, argv)) return *code;
    std::cout.flush();
    return std::cout ? exit_done : say(name, exit_usage, "the output could not be written");
  } catch (const Failure& failure) {
    return say(name, failure.code, failure.text);
  } catch (const net::Unreachable& error) {
    return say(name, exit_unreachable, error.what());
  } catch (const std::exception& error) {
    return say(name, exit_usage, error.what());
  }
}

std::string new_command_key() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hex_of(std::string(bytes.begin(), bytes.end()));
}

}  // namespace tally::cli
