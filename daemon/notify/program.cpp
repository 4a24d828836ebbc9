#include "notify/program.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <thread>
#include <utility>

#include "notify/spawn.hpp"

namespace trainstop::notify {

namespace asio = boost::asio;

namespace {

// Of what a program complains: enough for a person to see what it is about.
constexpr std::size_t kMostWords = 200;
constexpr const char* kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

std::string own_path() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? kDefaultPath : path;
}

class Run final : public Program, public std::enable_shared_from_this<Run> {
 public:
  Run(asio::any_io_executor executor, Duration time_limit, std::function<void(ProgramEnd)> done)
      : executor_(executor),
        limit_(executor),
        handle_(executor),
        errors_(executor),
        time_limit_(time_limit),
        done_(std::move(done)) {}

  /// The start has a thread of its own: a program's file may lie where nobody answers.
  void start(std::vector<std::string> command, std::string input) {
    limit_.expires_after(time_limit_);
    limit_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->overdue();
    });
    auto work = asio::make_work_guard(executor_);  // the loop outlives the thread
    starter_ = std::thread([self = shared_from_this(), work = std::move(work), path = own_path(),
                            command = std::move(command), input = std::move(input)]() mutable {
      const Spawned spawned = spawn(command, input, path);
      const auto executor = self->executor_;
      asio::post(executor, [self = std::move(self), work = std::move(work), spawned] {
        self->started(spawned);
      });
    });
  }

  void kill() override {
    done_ = nullptr;
    limit_.cancel();
    kill_group();
  }

 private:
  void started(const Spawned& spawned) {
    starter_.join();
    if (spawned.pid < 0) return finish(not_started(spawned.problem));
    pid_ = spawned.pid;
    handle_.assign(spawned.handle);
    errors_.assign(spawned.complaints);
    read_complaints();
    handle_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error) self->ended();
                       });
    if (!done_) kill_group();  // it came too late: somebody has given it up
  }

  /// Reads on when it knows enough, so that the program does not wait.
  void read_complaints() {
    errors_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          if (error) return;
          self->take_complaints(size);
          self->read_complaints();
        });
  }

  void take_complaints(std::size_t size) {
    words_.append(buffer_.data(), std::min(size, kMostWords - words_.size()));
  }

  void ended() {
    boost::system::error_code error;
    errors_.cancel(error);
    // Not by Asio, which would wait: what the program has started may go on and hold the pipe.
    const ssize_t size = ::read(errors_.native_handle(), buffer_.data(), buffer_.size());
    if (size > 0) take_complaints(static_cast<std::size_t>(size));
    errors_.close(error);
    handle_.close(error);
    int status = 0;
    const bool known = ::waitpid(pid_, &status, 0) == pid_;
    pid_ = -1;
    finish(known ? end_of(status) : not_started("nobody knows how it ended"));
  }

  void overdue() {
    overdue_ = true;
    if (pid_ > 0) return kill_group();  // then it ends
    ProgramEnd end = not_started("the start takes too long");
    end.overdue = true;
    finish(std::move(end));
  }

  void kill_group() const {
    if (pid_ > 0) ::kill(-pid_, SIGKILL);
  }

  static ProgramEnd not_started(const std::string& why) {
    ProgramEnd end;
    end.words = "it can't be started: " + why;
    return end;
  }

  ProgramEnd end_of(int status) const {
    ProgramEnd end;
    end.ran = true;
    end.overdue = overdue_;
    if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
    if (overdue_) {
      end.words = "it was killed after " + format_duration(time_limit_);
    } else {
      end.words = WIFEXITED(status) ? fmt::format("it exits with {}", end.code)
                                    : fmt::format("signal {} ended it", WTERMSIG(status));
    }
    if (!words_.empty()) end.words += ": " + words_;
    return end;
  }

  void finish(ProgramEnd end) {
    limit_.cancel();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(end));
  }

  asio::any_io_executor executor_;
  asio::steady_timer limit_;
  asio::posix::stream_descriptor handle_, errors_;
  Duration time_limit_;
  std::function<void(ProgramEnd)> done_;
  std::thread starter_;
  pid_t pid_ = -1;
  bool overdue_ = false;
  std::array<char, 4096> buffer_{};
  std::string words_;
};

}  // namespace

std::shared_ptr<Program> run_program(asio::any_io_executor executor,
                                     std::vector<std::string> command, const std::string& input,
                                     Duration time_limit, std::function<void(ProgramEnd)> done) {
  const auto run = std::make_shared<Run>(std::move(executor), time_limit, std::move(done));
  run->start(std::move(command), input);
  return run;
}

}  // namespace trainstop::notify
