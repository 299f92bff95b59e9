#include "tools/stack/people.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

#include "common/net/conversation_set.h"
#include "schemas/messages.h"

namespace tally::stack {
namespace {

constexpr std::size_t invitations_at_a_time = 32;  // The broker keeps few replies for one connection.
constexpr std::size_t joins_at_a_time = 32;
constexpr Duration step{1000};

net::ConversationConfig enrolment_config(const net::Invitation& invitation) {
  net::ConversationConfig config;
  config.host = invitation.host;
  config.port = invitation.port;
  config.server_key = invitation.server_key;
  config.keys = net::make_key_pair();
  return config;
}

net::Invitation parsed(const std::string& line) {
  auto invitation = net::invitation_from(line);
  if (!invitation) throw std::runtime_error("the broker's invitation: " + invitation.error());
  return std::move(invitation).value();
}

Person person_of(const Joined& joined, net::ConversationConfig config) {
  config.port = static_cast<int>(joined.port);
  return {joined.account, joined.display_name, std::move(config)};
}

template <class M>
const M& expect(const net::Conversation::Arrived& arrived, const char* asked) {
  if (!arrived.reply) throw_refusal(asked, arrived.reply.error());
  const M* reply = std::get_if<M>(&arrived.reply.value());
  if (reply == nullptr) throw std::runtime_error(std::string(asked) + ": another reply than was asked for");
  return *reply;
}

// Many strangers who enrol at the same time, each over a connection of their own.
class Joining {
 public:
  Joining(const net::Network& network, std::span<const std::string> lines) : network_(network), lines_(lines) {}

  std::vector<Person> run() {
    people_.resize(lines_.size());
    while (next_ < lines_.size() || !open_.empty()) {
      while (next_ < lines_.size() && open_.size() < joins_at_a_time) begin(next_++);
      for (const std::size_t which : set_.wait(std::chrono::milliseconds(step.ms))) take(which);
    }
    return std::move(people_);
  }

 private:
  struct Stranger {
    Stranger(const net::Network& network, const net::ConversationConfig& its_config)
        : config(its_config), conversation(network, its_config) {}
    net::ConversationConfig config;
    net::Conversation conversation;
  };

  void begin(std::size_t which) {
    const net::Invitation invitation = parsed(lines_[which]);
    const auto stranger =
        open_.emplace(which, std::make_unique<Stranger>(network_, enrolment_config(invitation))).first;
    set_.add(which, stranger->second->conversation);
    stranger->second->conversation.send(Join{invitation.code});
  }

  void take(std::size_t which) {
    Stranger& stranger = *open_.at(which);
    const auto arrived = stranger.conversation.take();
    if (!arrived) return;
    people_[which] = person_of(expect<Joined>(*arrived, "join"), stranger.config);
    set_.remove(which);
    open_.erase(which);
  }

  const net::Network& network_;
  std::span<const std::string> lines_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::unique_ptr<Stranger>> open_;  // By their line.
  std::vector<Person> people_;
  net::ConversationSet set_;  // Last: it ends before the conversations in it.
};

}  // namespace

Person join(const net::Network& network, const std::string& invitation_line, const std::string& name) {
  const net::Invitation invitation = parsed(invitation_line);
  net::ConversationConfig config = enrolment_config(invitation);
  net::BrokerClient client(network, config);
  Person person = person_of(must(client, Join{invitation.code}), std::move(config));
  if (person.name.empty()) person.name = name;
  return person;
}

Admin::Admin(const net::Network& network, Person person)
    : network_(network), person_(std::move(person)), client_(network, person_.config) {}

std::vector<std::string> Admin::invite(Role role, std::span<const std::string> names) {
  net::Conversation& conversation = client_.conversation();
  std::vector<std::string> lines(names.size());
  std::map<std::uint64_t, std::size_t> asked;
  for (std::size_t next = 0; next < names.size() || !asked.empty();) {
    while (next < names.size() && asked.size() < invitations_at_a_time) {
      const Invite invite{.key = random_key(), .role = role, .display_name = names[next]};
      asked.emplace(conversation.send(invite), next++);
    }
    const auto arrived = conversation.receive(step);
    if (!arrived) continue;
    const auto found = asked.find(arrived->request_id);
    if (found == asked.end()) continue;
    lines[found->second] = expect<Invited>(*arrived, "invite").line;
    asked.erase(found);
  }
  return lines;
}

std::vector<Person> Admin::enrol(Role role, std::span<const std::string> names) {
  return Joining(network_, invite(role, names)).run();
}

void Admin::deposit(AccountId account, Micros amount) {
  static_cast<void>(must(client_, Deposit{random_key(), account, amount, "to try things with"}));
}

void throw_refusal(const std::string& message, const Refusal& refusal) {
  throw std::runtime_error(message + " was refused: " + std::string(name_of(refusal.code)) + ": " + refusal.detail);
}

std::string random_key() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 4; ++i) {
    char word[9];
    std::snprintf(word, sizeof word, "%08x", device());
    key += word;
  }
  return key;
}

}  // namespace tally::stack
