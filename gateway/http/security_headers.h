#pragma once

#include "gateway/http/message.h"

namespace tally::gateway::http {

// For Server::Config::headers: what every answer tells a browser. Pages run only the scripts and styles of this server,
// show pictures from anywhere (projects refer to them), talk to this server only, are framed by nobody, and use no
// device. `is_https`: browsers reach the server by https, here or at a proxy, and never shall without.
[[nodiscard]] Headers security_headers(bool is_https);

}  // namespace tally::gateway::http
