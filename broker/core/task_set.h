#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tally::core {

// An ordered set of task numbers of one part: a bit for each task, because a part that waits for its turn has thousands
// of them, and most are in the set.
class TaskSet {
 public:
  // True when it was not in the set.
  bool insert(std::int32_t no) {
    const std::size_t word = word_of(no);
    if (word >= words_.size()) words_.resize(word + 1);
    if ((words_[word] & bit_of(no)) != 0) return false;
    words_[word] |= bit_of(no);
    ++size_;
    return true;
  }
  void erase(std::int32_t no) {
    const std::size_t word = word_of(no);
    if (word >= words_.size() || (words_[word] & bit_of(no)) == 0) return;
    words_[word] &= ~bit_of(no);
    --size_;
  }
  [[nodiscard]] bool contains(std::int32_t no) const {
    const std::size_t word = word_of(no);
    return word < words_.size() && (words_[word] & bit_of(no)) != 0;
  }
  // The first from `no` on; 0: there is none.
  [[nodiscard]] std::int32_t first_from(std::int32_t no) const {
    std::size_t word = word_of(no);
    if (word >= words_.size()) return 0;
    std::uint64_t left = words_[word] & ~(bit_of(no) - 1);
    while (left == 0) {
      if (++word == words_.size()) return 0;
      left = words_[word];
    }
    return static_cast<std::int32_t>(word * 64) + std::countr_zero(left);
  }
  [[nodiscard]] std::int32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The same tasks, however they came to be in it.
  friend bool operator==(const TaskSet& a, const TaskSet& b) {
    if (a.size_ != b.size_) return false;
    for (std::int32_t no = a.first_from(0); no != 0; no = a.first_from(no + 1)) {
      if (!b.contains(no)) return false;
    }
    return true;
  }

 private:
  static std::size_t word_of(std::int32_t no) { return static_cast<std::size_t>(no) / 64; }
  static std::uint64_t bit_of(std::int32_t no) { return std::uint64_t{1} << (static_cast<std::uint32_t>(no) % 64U); }

  std::vector<std::uint64_t> words_;  // Task n is bit n.
  std::int32_t size_ = 0;
};

}  // namespace tally::core
