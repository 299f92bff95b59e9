#include "schemas/qualification_name.h"

namespace tally {

bool is_qualification_name(std::string_view name) {
  if (name.empty() || name.size() > qualification_name_bytes_max || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

}  // namespace tally
