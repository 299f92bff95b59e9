#include "common/net/conversation_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "common/base/assert.h"
#include "common/net/chance.h"
#include "common/net/conversation_impl.h"
#include "common/net/waiting.h"

namespace tally::net {

class ConversationSet::Impl {
 public:
  Impl() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "no descriptor left to wait with");
  }
  ~Impl() {
    for (std::size_t key = 0; key < members_.size(); ++key) {
      if (members_[key]) remove(key);
    }
    close(epoll_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add(std::size_t key, Conversation::Impl& conversation) {
    if (key >= members_.size()) members_.resize(key + 1);
    TALLY_ASSERT(!members_[key] && conversation.watch.touched == nullptr);
    members_[key] = Member{&conversation};
    conversation.watch = {&touched_, key, true};
    touched_.push_back(key);
    ++size_;
  }

  void remove(std::size_t key) {
    Member& member = members_.at(key).value();
    for (const int descriptor : member.conversation->descriptors()) {
      if (descriptor >= 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    }
    member.conversation->watch = {};
    due_.erase({member.due, key});
    ready_.erase(key);
    std::erase(touched_, key);
    members_[key].reset();
    --size_;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  std::vector<std::size_t> wait(std::chrono::microseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    std::erase_if(ready_, [&](std::size_t key) { return !members_[key]->conversation->has_arrived(); });
    while (true) {
      look_at_touched();
      std::chrono::nanoseconds wait{0};
      if (ready_.empty() && touched_.empty()) {
        const Time due = due_.empty() ? never : due_.begin()->first;
        wait = std::min<std::chrono::nanoseconds>(time_to_wait(steady_now(), due),
                                                  until - std::chrono::steady_clock::now());
      }
      const bool interrupted = !serve(wait);
      if (!ready_.empty() || interrupted || std::chrono::steady_clock::now() >= until) {
        return {ready_.begin(), ready_.end()};
      }
    }
  }

 private:
  struct Member {
    Conversation::Impl* conversation = nullptr;
    std::uint64_t descriptors_version = 0;  // Those that epoll knows.
    Time due = never;
  };

  void look_at_touched() {
    for (const std::size_t key : std::exchange(touched_, {})) {
      Conversation::Impl& conversation = *members_[key]->conversation;
      conversation.watch.is_told = false;
      conversation.settle();
      note(key);
    }
  }

  // Waits, and lets those run that are woken or due. False: a signal came.
  bool serve(std::chrono::nanoseconds wait) {
    std::array<epoll_event, 256> events{};
    const timespec longest = as_timespec(wait);
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &longest, nullptr);
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
    if (count < 0) return false;
    for (int i = 0; i < count; ++i) wake(events.at(static_cast<std::size_t>(i)).data.u64);
    const Time now = steady_now();
    while (!due_.empty() && due_.begin()->first <= now) {
      const std::size_t key = due_.begin()->second;
      run(key);
      if (members_[key]->due <= now) break;  // It is due once more: in the next round.
    }
    return true;
  }

  // Of a conversation's descriptors, as epoll names them.
  static std::uint64_t name_of(std::size_t key, std::size_t descriptor) { return key * 2 + descriptor; }
  void wake(std::uint64_t name) {
    const std::size_t key = name / 2;
    // A socket that was closed may still wake us until libzmq has taken it down.
    if (key >= members_.size() || !members_[key]) return;
    members_[key]->conversation->woken(name % 2);
    run(key);
  }

  void run(std::size_t key) {
    members_[key]->conversation->run();
    note(key);
  }

  // What the conversation wants now: its descriptors, its time, and whether it has something for the caller.
  void note(std::size_t key) {
    Member& member = *members_[key];
    const Conversation::Impl& conversation = *member.conversation;
    if (member.descriptors_version != conversation.descriptors_version()) {
      // Those of before were closed, and so left epoll by themselves.
      member.descriptors_version = conversation.descriptors_version();
      const auto descriptors = conversation.descriptors();
      for (std::size_t i = 0; i < descriptors.size(); ++i) {
        epoll_event event{EPOLLIN, {.u64 = name_of(key, i)}};
        if (descriptors.at(i) >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptors.at(i), &event) != 0 &&
            errno != EEXIST) {
          throw std::system_error(errno, std::generic_category(), "epoll_ctl");
        }
      }
    }
    if (member.due != conversation.next_due()) {
      due_.erase({member.due, key});
      member.due = conversation.next_due();
      if (member.due != never) due_.insert({member.due, key});
    }
    if (conversation.has_arrived()) {
      ready_.insert(key);
    } else {
      ready_.erase(key);
    }
  }

  int epoll_;
  std::vector<std::optional<Member>> members_;  // By key.
  std::size_t size_ = 0;
  std::vector<std::size_t> touched_;  // Something was done with them since the last look.
  std::set<std::size_t> ready_;
  std::set<std::pair<Time, std::size_t>> due_;
};

ConversationSet::ConversationSet() : impl_(std::make_unique<Impl>()) {}
ConversationSet::~ConversationSet() = default;
void ConversationSet::add(std::size_t key, Conversation& conversation) { impl_->add(key, *conversation.impl_); }
void ConversationSet::remove(std::size_t key) { impl_->remove(key); }
std::size_t ConversationSet::size() const { return impl_->size(); }
std::vector<std::size_t> ConversationSet::wait(std::chrono::microseconds timeout) { return impl_->wait(timeout); }

}  // namespace tally::net
