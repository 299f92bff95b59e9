#include "common/codec/codec.h"

#include <algorithm>
#include <optional>

namespace tally::codec {

namespace {

// One a thread, which keeps its first chunk: a new one for each message is the largest allocation of most.
thread_local std::optional<msgpack::zone> zone_of_thread;

}  // namespace

void forget_unpacked() {
  if (zone_of_thread) zone_of_thread->clear();
}

Result<msgpack::object, Refusal> unpack(std::string_view bytes, const Limits& limits) {
  const auto refused = [](RefusalCode code, const char* detail) { return Unexpected{Refusal{code, detail, 0}}; };
  if (!zone_of_thread) zone_of_thread.emplace();
  msgpack::zone& zone = *zone_of_thread;
  zone.clear();
  if (bytes.size() > limits.bytes) return refused(RefusalCode::too_large, "the message is larger than allowed");
  try {
    std::size_t offset = 0;
    // No list, map or text has more elements than there are bytes: one that says so is not believed, however much its
    // limits would allow, or a damaged row could ask for gigabytes.
    const auto most = [&](std::size_t limit) { return std::min(limit, bytes.size()); };
    const msgpack::unpack_limit bounds(most(limits.list), most(limits.map), most(limits.text), most(limits.text), 0,
                                       limits.depth);
    const auto in_place = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    const msgpack::object root = msgpack::unpack(zone, bytes.data(), bytes.size(), offset, in_place, nullptr, bounds);
    if (offset != bytes.size()) return refused(RefusalCode::malformed, "there are bytes after the message");
    return root;
  } catch (const msgpack::size_overflow&) {
    return refused(RefusalCode::too_large,
                   "a list, map or text of the message is larger than allowed, or nested too deeply");
  } catch (const msgpack::unpack_error&) {
    return refused(RefusalCode::malformed, "the body is not one MessagePack object");
  } catch (const msgpack::type_error&) {
    return refused(RefusalCode::malformed, "the body is not one MessagePack object");
  } catch (const std::bad_alloc&) {
    return refused(RefusalCode::too_large, "the message asks for more memory than there is");
  }
}

}  // namespace tally::codec
