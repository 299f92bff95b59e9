#include "schemas/qualification_name.h"

namespace tally {

bool is_qualification_name(std::string_view name) {
  if (name.empty() || name.size() > qualification_name_bytes_max || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

std::string name_by_training(std::string_view name, AccountId owner) {
  return std::string(name) + "@" + std::to_string(owner.value);
}

}  // namespace tally
