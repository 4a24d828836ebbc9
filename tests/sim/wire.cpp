#include "sim/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <utility>

namespace trainstop::sim {
namespace {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;

void close_hard(Socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

void close_softly(Socket& socket) {
  error_code ignored;
  socket.shutdown(Socket::shutdown_both, ignored);
  socket.close(ignored);
}

class PlainWire final : public Wire {
 public:
  explicit PlainWire(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<error_code> handshake() override { co_return error_code(); }

  asio::awaitable<std::size_t> read_some(char* data, std::size_t size, error_code& error) override {
    co_return co_await socket_.async_read_some(asio::buffer(data, size),
                                               asio::redirect_error(asio::use_awaitable, error));
  }

  asio::awaitable<error_code> write(std::string_view bytes) override {
    error_code error;
    co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<void> finish() override {
    close_softly(socket_);
    co_return;
  }
  void reset() override { close_hard(socket_); }
  void shut_off() override { close_softly(socket_); }

 private:
  Socket socket_;
};

class TlsWire final : public Wire {
 public:
  TlsWire(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  asio::awaitable<error_code> handshake() override {
    error_code error;
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<std::size_t> read_some(char* data, std::size_t size, error_code& error) override {
    co_return co_await stream_.async_read_some(asio::buffer(data, size),
                                               asio::redirect_error(asio::use_awaitable, error));
  }

  asio::awaitable<error_code> write(std::string_view bytes) override {
    error_code error;
    co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<void> finish() override {
    error_code ignored;
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    close_softly(stream_.next_layer());
  }
  void reset() override { close_hard(stream_.next_layer()); }
  void shut_off() override { close_softly(stream_.next_layer()); }

 private:
  asio::ssl::stream<Socket> stream_;
};

class PlainWires final : public WireMaker {
 public:
  std::unique_ptr<Wire> make(Socket socket) override {
    return std::make_unique<PlainWire>(std::move(socket));
  }
};

class TlsWires final : public WireMaker {
 public:
  explicit TlsWires(const test::Identity& identity) : context_(asio::ssl::context::tls_server) {
    error_code error;
    context_.use_certificate_chain(asio::buffer(identity.certificate), error);
    if (!error) {
      context_.use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem, error);
    }
    if (error) throw std::runtime_error("the certificate cannot be used: " + error.message());
  }
  std::unique_ptr<Wire> make(Socket socket) override {
    return std::make_unique<TlsWire>(std::move(socket), context_);
  }

 private:
  asio::ssl::context context_;
};

}  // namespace

std::unique_ptr<WireMaker> make_plain_wires() {
  return std::make_unique<PlainWires>();
}

std::unique_ptr<WireMaker> make_tls_wires(const test::Identity& identity) {
  return std::make_unique<TlsWires>(identity);
}

}  // namespace trainstop::sim
