#include "sim/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include "sim/session.hpp"
#include "sim/wire.hpp"

namespace trainstop::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Room for a client that opens all its connections at once.
constexpr int kBacklog = 1024;

class LoopListener final : public Listener {
 public:
  LoopListener(const std::optional<test::Identity>& tls, std::uint16_t port, ListenerHooks hooks)
      : hooks_(std::move(hooks)),
        session_hooks_{hooks_.answer, hooks_.handshake_failed},
        wires_(tls ? make_tls_wires(*tls) : make_plain_wires()),
        acceptor_(loop_),
        work_(loop_.get_executor()) {
    port_ = port;
    listen();
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~LoopListener() override {
    on_loop([this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      for (auto* session : sessions_) session->end(false);
      muted_.clear();
      work_.reset();
    });
    thread_.join();
  }

  std::uint16_t port() const override { return port_; }

  void set_listening(bool listening) override {
    on_loop([this, listening] {
      if (listening == acceptor_.is_open()) return;
      if (listening) {
        listen();
      } else {
        acceptor_.close();
      }
    });
  }

  void set_mute(bool mute) override {
    on_loop([this, mute] {
      mute_ = mute;
      if (!mute) muted_.clear();
    });
  }

  void reset_connections() override {
    on_loop([this] {
      for (auto* session : sessions_) session->end(true);
    });
  }

 private:
  void listen() {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port_);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(kBacklog);
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(loop_, accept(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }

  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      error_code error;
      tcp::socket socket =
          co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
      if (error) continue;
      const std::uint64_t number = hooks_.connected();
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      if (mute_) {
        muted_.push_back(std::move(socket));
        continue;
      }
      asio::co_spawn(loop_, serve(std::move(socket), number), [](const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
      });
    }
  }

  asio::awaitable<void> serve(tcp::socket socket, std::uint64_t number) {
    Session session(wires_->make(std::move(socket)), loop_.get_executor(), number, session_hooks_);
    sessions_.insert(&session);
    if (stopping_) session.end(false);
    co_await session.run();
    sessions_.erase(&session);
  }

  /// Runs it on the loop's thread and waits for it; exceptions come here.
  void on_loop(std::function<void()> what) {
    const auto task = std::make_shared<std::packaged_task<void()>>(std::move(what));
    auto done = task->get_future();
    asio::post(loop_, [task] { (*task)(); });
    done.get();
  }

  ListenerHooks hooks_;
  SessionHooks session_hooks_;
  std::unique_ptr<WireMaker> wires_;
  asio::io_context loop_{1};
  tcp::acceptor acceptor_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::set<Session*> sessions_;
  std::vector<tcp::socket> muted_;
  std::uint16_t port_ = 0;
  bool mute_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Listener> make_listener(const std::optional<test::Identity>& tls,
                                        std::uint16_t port, ListenerHooks hooks) {
  return std::make_unique<LoopListener>(tls, port, std::move(hooks));
}

}  // namespace trainstop::sim
