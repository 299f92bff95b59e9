#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/time.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/gateway/http/raw_client.h"
#include "tests/gateway/http/running_server.h"
#include "tests/support/comes_true.h"
#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::gateway::http;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct FreeFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, FreeFile>;

// A certificate that nobody but itself vouches for.
Server::Tls make_certificate(const test::ScratchFolder& folder) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  const std::string name = "localhost";
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");

  Server::Tls tls{folder.path() / "certificate.pem", folder.path() / "key.pem"};
  const File certificate_file(std::fopen(tls.certificate_file.c_str(), "w"));
  const File key_file(std::fopen(tls.key_file.c_str(), "w"));
  PEM_write_X509(certificate_file.get(), certificate.get());
  PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return tls;
}

class TlsClient {
 public:
  explicit TlsClient(int port) {
    stream_.lowest_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
    const timeval patience{10, 0};
    setsockopt(stream_.lowest_layer().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    stream_.handshake(asio::ssl::stream_base::client);
  }
  void send(const std::string& bytes) { asio::write(stream_, asio::buffer(bytes)); }
  std::string read_until(const std::string& end) {
    const std::size_t bytes = asio::read_until(stream_, asio::dynamic_buffer(buffer_), end);
    std::string read = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return read;
  }
  // How the connection ended.
  boost::system::error_code read_to_end() {
    boost::system::error_code error;
    std::string rest(1000, '\0');
    while (!error) stream_.read_some(asio::buffer(rest), error);
    return error;
  }

 private:
  asio::io_context context_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream_{context_, tls_};
  std::string buffer_;
};

struct TlsServer {
  explicit TlsServer(Server::Handler handler, Server::Config config = {}) {
    config.tls = make_certificate(folder);
    server = std::make_unique<RunningServer>(std::move(handler), std::move(config));
  }
  test::ScratchFolder folder;
  std::unique_ptr<RunningServer> server;
};

const std::string get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("requests come over TLS as they do without") {
  const TlsServer tls(echo());
  TlsClient client(tls.server->port());
  for (int i = 0; i < 2; ++i) {
    client.send(get);
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(client.read_until("/a ") == "GET /a ");
  }
  client.send("nonsense\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(client.read_to_end() == asio::error::eof);  // Told, not cut.
}

TEST_CASE("who talks plainly to a server with TLS, or not at all, is cut off") {
  const TlsServer tls(echo(), {.read_header_max = std::chrono::milliseconds(50)});
  RawClient plain(tls.server->port());
  plain.send(get);
  CHECK(plain.read_to_end().find("HTTP") == std::string::npos);
  RawClient silent(tls.server->port());
  CHECK(silent.is_closed());
  CHECK(test::comes_true([&] { return tls.server->connections() == 0; }));
}

TEST_CASE("a slow body over TLS is answered with a 408") {
  const TlsServer tls(echo(), {.read_body_max = std::chrono::milliseconds(50)});
  TlsClient client(tls.server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhell");
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 408 "));
}

TEST_CASE("events come over TLS, and a listener that goes is noticed") {
  const auto stream = std::make_shared<EventStream>();
  const TlsServer tls(answers([&](const Request&) { return Response{.events = stream}; }));
  {
    TlsClient client(tls.server->port());
    client.send(get);
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < 100; ++i) {
      tls.server->run([&] { stream->push("a", std::to_string(i)); });
      CHECK(client.read_until("\n\n") == "event: a\ndata: " + std::to_string(i) + "\n\n");
    }
  }
  CHECK(test::comes_true([&] { return tls.server->run([&] { return !stream->is_open(); }); }));
}

TEST_CASE("a certificate that cannot be used is said at the start") {
  const test::ScratchFolder folder;
  Server::Config config;
  config.tls = Server::Tls{folder.write("certificate.pem", "nonsense"), folder.path() / "key.pem"};
  CHECK_THROWS_WITH(RunningServer(echo(), config), Catch::Contains("certificate.pem"));
}
