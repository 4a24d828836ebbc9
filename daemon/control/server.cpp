#include "control/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "control/session.hpp"
#include "control/socket_file.hpp"

namespace trainstop::control {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;

namespace {

// No descriptor is free, or no memory: asked again after so long.
constexpr Duration kAcceptAgain = std::chrono::milliseconds(500);

void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

asio::awaitable<void> serve(std::shared_ptr<Session> session) {
  co_await session->run();
}

asio::awaitable<void> accept(std::shared_ptr<Protocol::acceptor> acceptor,
                             std::shared_ptr<Shared> shared) {
  asio::steady_timer pause(acceptor->get_executor());
  while (acceptor->is_open()) {
    error_code error;
    Protocol::socket socket =
        co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!acceptor->is_open()) break;
    if (error) {
      pause.expires_after(kAcceptAgain);
      error_code ignored;
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      continue;
    }
    if (shared->sessions.size() >= shared->limits.connections) {
      Session::turn_away(std::move(socket));
      continue;
    }
    auto session = std::make_shared<Session>(std::move(socket), shared);
    asio::co_spawn(acceptor->get_executor(), serve(std::move(session)), rethrow);
  }
}

class SocketServer final : public Server {
 public:
  SocketServer(asio::any_io_executor executor, Options options, Handler handler)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        shared_(std::make_shared<Shared>(options_.limits, std::move(handler))) {}
  ~SocketServer() override { close(); }
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  Result<void> open() override {
    auto made = SocketFile::make(options_.path, options_.group, static_cast<mode_t>(options_.mode));
    if (!made) return made.error();
    close_acceptor();
    acceptor_ = std::make_shared<Protocol::acceptor>(executor_);
    acceptor_->assign(Protocol(), made->release());
    file_ = std::move(*made);
    asio::co_spawn(executor_, accept(acceptor_, shared_), rethrow);
    return {};
  }

  bool is_reachable() const override { return file_ && file_->is_in_place(); }

  void close() override {
    if (shared_->closing) return;
    shared_->closing = true;
    file_.reset();
    close_acceptor();
    const std::vector<Session*> sessions(shared_->sessions.begin(), shared_->sessions.end());
    for (Session* const session : sessions) session->end();
  }

 private:
  void close_acceptor() {
    error_code ignored;
    if (acceptor_) acceptor_->close(ignored);
  }

  asio::any_io_executor executor_;
  Options options_;
  std::shared_ptr<Shared> shared_;
  std::optional<SocketFile> file_;
  std::shared_ptr<Protocol::acceptor> acceptor_;
};

}  // namespace

std::unique_ptr<Server> make_server(asio::any_io_executor executor, Options options,
                                    Handler handler) {
  return std::make_unique<SocketServer>(std::move(executor), std::move(options),
                                        std::move(handler));
}

}  // namespace trainstop::control
