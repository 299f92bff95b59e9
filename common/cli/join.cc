#include <cstdio>
#include <optional>

#include "common/cli/key_file.h"
#include "common/cli/safe_text.h"

namespace tally::cli {
namespace {

constexpr const char* other_profile = "; to be someone else as well, name another profile: --profile NAME join LINE";

Unexpected<std::string> wrong(std::string text) { return {std::move(text)}; }

std::string without_brackets(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::string who(const KeyFile& file) {
  return "account " + std::to_string(file.account.value) + " (" + safe_for_terminal(file.display_name, false) + ", " +
         std::string(name_of(file.role)) + ")";
}

// The key to enrol: that of an earlier try with this broker, or a new one, which is on the disk when this returns.
Result<KeyFile, std::string> key_for(const net::Invitation& invitation, const std::filesystem::path& path, Role role) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(path))) {
    KeyFile file;
    file.host = without_brackets(invitation.host);
    file.enrolment_port = invitation.port;
    file.server_key = invitation.server_key;
    file.keys = net::make_key_pair();
    file.role = role;
    save_key_file(path, file);
    return file;
  }
  auto file = load_key_file(path);
  if (!file) return file;
  if (file->server_key != invitation.server_key) {
    return wrong(file->account.value != 0
                     ? path.string() + " is the key of " + who(*file) + " at another broker" + other_profile
                     : path.string() +
                           " is the key of an unfinished join at another broker: finish that one, or name " +
                           "another profile: --profile NAME join LINE");
  }
  file->host = without_brackets(invitation.host);
  file->enrolment_port = invitation.port;
  return file;
}

Result<Joined, Refusal> ask(const net::Network& network, const KeyFile& file, const std::string& code,
                            Duration give_up) {
  net::ConversationConfig config = conversation_config(file);
  config.port = file.enrolment_port;
  net::BrokerClient client(network, config, give_up);
  auto joined = client.ask(Join{code});
  if (joined && (joined->port < 1 || joined->port > 65535)) {
    return Unexpected{Refusal{RefusalCode::malformed, "the broker named a port that is none", 0}};
  }
  return joined;
}

std::string told(const Refusal& refusal, const KeyFile& file, const std::filesystem::path& path) {
  const std::string detail = safe_for_terminal(refusal.detail, false);
  if (file.account.value != 0) {
    return path.string() + " is already the key of " + who(file) + other_profile + " (the broker: " + detail + ")";
  }
  if (refusal.code == RefusalCode::invitation_unknown) {
    return detail + ": an invitation works once, and not for ever; ask the admin for a new one";
  }
  if (refusal.code == RefusalCode::key_in_use) {
    return detail + ": the key in " + path.string() + " is someone's already" + other_profile;
  }
  return detail;
}

// Where a key belongs that turned out to be for another program: under that program's usual name, if that is free and
// this one's is not the user's choice.
std::filesystem::path moved(const std::filesystem::path& path, Role expected, Role role) {
  const std::filesystem::path usual = path.parent_path() / (std::string(name_of(role)) + ".toml");
  if (path.stem() != std::string(name_of(expected)) || std::filesystem::exists(usual)) return path;
  std::filesystem::rename(path, usual);
  return usual;
}

std::string names_program(const KeyFile& file, const std::filesystem::path& path) {
  const bool is_usual = path.stem() == std::string(name_of(file.role));
  return "this invitation is for a" + std::string(file.role == Role::admin ? "n " : " ") +
         std::string(name_of(file.role)) + ": you are now " + who(file) + "; from here on use " +
         program_of(file.role) + (is_usual ? "" : " --profile " + path.stem().string());
}

}  // namespace

std::string program_of(Role role) { return "tally-" + std::string(name_of(role)); }

Result<KeyFile, std::string> join(const net::Network& network, const std::string& invitation_line,
                                  const std::filesystem::path& path, Role role, Duration give_up) {
  const auto invitation = net::invitation_from(invitation_line);
  if (!invitation) return wrong(invitation.error());
  const bool is_new = !std::filesystem::exists(std::filesystem::symlink_status(path));
  auto file = key_for(*invitation, path, role);
  if (!file) return file;

  const auto joined = ask(network, *file, invitation->code, give_up);
  if (!joined) {
    // A definite no: this key is nobody's, and must not stand in the way of an invitation of another broker.
    if (is_new && joined.error().code == RefusalCode::invitation_unknown) std::filesystem::remove(path);
    return wrong(told(joined.error(), *file, path));
  }
  if (file->account.value != 0 && joined->account != file->account) {
    return wrong(path.string() + " is the key of " + who(*file) + ", and the broker says account " +
                 std::to_string(joined->account.value) + other_profile);
  }
  file->account = joined->account;
  file->role = joined->role;
  file->display_name = joined->display_name;
  file->port = static_cast<int>(joined->port);
  save_key_file(path, *file);
  if (joined->role != role) return wrong(names_program(*file, moved(path, role, joined->role)));
  return file;
}

}  // namespace tally::cli
