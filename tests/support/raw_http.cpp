#include "support/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace trainstop::test {
namespace {

void set_timeout(int socket, std::chrono::milliseconds limit) {
  // Zero would mean no limit at all.
  const auto left = std::max<std::chrono::milliseconds::rep>(1, limit.count());
  const timeval time{left / 1000, static_cast<suseconds_t>(left % 1000 * 1000)};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

/// Where the last head begins (after any 1xx), and where its body does.
struct Heads {
  std::size_t head = 0;
  std::size_t body = std::string::npos;
};

Heads heads_of(const std::string& bytes) {
  Heads heads;
  while (true) {
    const auto end = bytes.find("\r\n\r\n", heads.head);
    if (end == std::string::npos) return heads;
    if (bytes.compare(heads.head, 10, "HTTP/1.1 1") == 0) {
      heads.head = end + 4;
      continue;
    }
    heads.body = end + 4;
    return heads;
  }
}

bool is_whole(const RawReply& reply) {
  const auto heads = heads_of(reply.bytes);
  if (heads.body == std::string::npos) return false;
  const std::string length = reply.header("Content-Length");
  return !length.empty() &&
         reply.bytes.size() - heads.body >= std::strtoull(length.c_str(), nullptr, 10);
}

}  // namespace

unsigned RawReply::status() const {
  const auto heads = heads_of(bytes);
  if (bytes.compare(heads.head, 9, "HTTP/1.1 ") != 0) return 0;
  return static_cast<unsigned>(std::strtoul(bytes.c_str() + heads.head + 9, nullptr, 10));
}

std::string RawReply::body() const {
  const auto heads = heads_of(bytes);
  return heads.body == std::string::npos ? std::string() : bytes.substr(heads.body);
}

std::string RawReply::header(const std::string& name) const {
  const auto heads = heads_of(bytes);
  const std::string head = bytes.substr(heads.head, heads.body - heads.head);
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

class RawHttp::Impl {
 public:
  ~Impl() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (socket >= 0) ::close(socket);
  }

  void shake_hands(const std::string& ca) {
    context = SSL_CTX_new(TLS_client_method());
    BIO* bio = BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size()));
    X509* anchor = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), anchor);
    X509_free(anchor);
    BIO_free(bio);
    ssl = SSL_new(context);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1");
    SSL_set_fd(ssl, socket);
    SSL_connect(ssl);
    ERR_clear_error();
  }

  /// Bytes read; 0 with `end` set otherwise.
  std::size_t read(char* data, std::size_t size, End& end) {
    if (ssl == nullptr) {
      const auto count = ::recv(socket, data, size, 0);
      if (count > 0) return static_cast<std::size_t>(count);
      end = count == 0 ? End::closed : end_of(errno);
      return 0;
    }
    std::size_t count = 0;
    errno = 0;
    const int result = SSL_read_ex(ssl, data, size, &count);
    if (result == 1) return count;
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_ZERO_RETURN) {
      end = End::closed;
    } else if (errno == ECONNRESET || errno == EAGAIN) {
      end = end_of(errno);
    } else {
      end = End::rude;
    }
    ERR_clear_error();
    return 0;
  }

  static End end_of(int error) { return error == ECONNRESET ? End::reset : End::timeout; }

  int socket = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
};

RawHttp::RawHttp(std::uint16_t port, const std::optional<std::string>& ca)
    : impl_(std::make_unique<Impl>()) {
  impl_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  set_timeout(impl_->socket, std::chrono::seconds(10));
  if (::connect(impl_->socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to 127.0.0.1:" + std::to_string(port));
  }
  if (ca) {
    // OpenSSL writes without MSG_NOSIGNAL.
    ::signal(SIGPIPE, SIG_IGN);
    impl_->shake_hands(*ca);
  }
}

RawHttp::~RawHttp() = default;

long RawHttp::verify_result() const {
  return impl_->ssl == nullptr ? -1 : SSL_get_verify_result(impl_->ssl);
}

void RawHttp::send(const std::string& bytes) {
  if (impl_->ssl == nullptr) {
    ::send(impl_->socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return;
  }
  std::size_t written = 0;
  SSL_write_ex(impl_->ssl, bytes.data(), bytes.size(), &written);
  ERR_clear_error();
}

RawReply RawHttp::receive(std::chrono::milliseconds within, std::size_t most) {
  RawReply reply;
  const auto deadline = std::chrono::steady_clock::now() + within;
  std::array<char, 65536> buffer;
  while (!is_whole(reply) && reply.bytes.size() < most) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    reply.end = End::timeout;
    if (left.count() <= 0) return reply;
    set_timeout(impl_->socket, left);
    const auto count = impl_->read(buffer.data(), buffer.size(), reply.end);
    if (count == 0) return reply;
    reply.end = End::open;
    reply.bytes.append(buffer.data(), count);
  }
  return reply;
}

std::string request_bytes(const std::string& method, const std::string& target,
                          const std::string& body, const std::string& key) {
  return method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Api-Key " + key +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace trainstop::test
