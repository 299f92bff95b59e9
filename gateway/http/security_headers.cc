#include "gateway/http/security_headers.h"

#include <array>
#include <string>
#include <string_view>

namespace tally::gateway::http {
namespace {

constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http: data: blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// There is no word for "all": each is named. A browser complains of those that it does not know.
constexpr std::array<std::string_view, 28> features = {"accelerometer",
                                                       "autoplay",
                                                       "browsing-topics",
                                                       "camera",
                                                       "clipboard-read",
                                                       "compute-pressure",
                                                       "display-capture",
                                                       "encrypted-media",
                                                       "fullscreen",
                                                       "gamepad",
                                                       "geolocation",
                                                       "gyroscope",
                                                       "hid",
                                                       "identity-credentials-get",
                                                       "idle-detection",
                                                       "local-fonts",
                                                       "magnetometer",
                                                       "microphone",
                                                       "midi",
                                                       "otp-credentials",
                                                       "payment",
                                                       "picture-in-picture",
                                                       "screen-wake-lock",
                                                       "serial",
                                                       "storage-access",
                                                       "usb",
                                                       "window-management",
                                                       "xr-spatial-tracking"};

std::string permissions_policy() {
  std::string policy;
  for (const std::string_view feature : features) {
    if (!policy.empty()) policy += ", ";
    policy.append(feature).append("=()");
  }
  return policy;
}

}  // namespace

Headers security_headers(bool is_https) {
  Headers headers = {{"Content-Security-Policy", std::string(content_policy)},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cross-Origin-Resource-Policy", "same-origin"},
                     {"Permissions-Policy", permissions_policy()}};
  if (is_https) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  return headers;
}

}  // namespace tally::gateway::http
