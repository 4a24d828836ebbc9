#include "support/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace trainstop::test {
namespace {

constexpr std::size_t kMostKept = std::size_t{64} << 20;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  int get() const { return number_; }
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }
  Descriptor reader, writer;
};

std::vector<std::string> environment_of(const ChildOptions& options) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    bool keep = !options.environment.contains(name);
    for (const auto& unset : options.unset) keep = keep && unset != name;
    if (keep) entries.push_back(text);
  }
  for (const auto& [name, value] : options.environment) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs in the child between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* arguments, char* const* environment, const char* directory,
                         pid_t parent, int in, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::close_range(3, ~0U, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (*directory != '\0' && ::chdir(directory) != 0) ::_exit(126);
  ::execvpe(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

class Child::Impl {
 public:
  explicit Impl(const ChildOptions& options);
  ~Impl();

  /// One captured stream.
  struct Stream {
    Descriptor pipe;
    std::string text;
    bool open = false;
  };

  void read_streams();
  bool read_some(Stream& stream);
  bool wait_for(const Stream& stream, const std::function<bool(const std::string&)>& holds,
                std::chrono::milliseconds within);
  std::optional<Ending> wait(std::chrono::milliseconds within);
  bool reap();

  pid_t pid = -1;
  std::optional<Ending> ending;
  Stream out, err;
  Pipe wake;  ///< its writer's end ends the reading thread
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::thread reader;
};

Child::Impl::Impl(const ChildOptions& options) {
  if (options.command.empty()) throw std::logic_error("a child needs a command");
  std::vector<std::string> arguments = options.command;
  std::vector<std::string> environment = environment_of(options);
  const auto argument_pointers = pointers_to(arguments);
  const auto environment_pointers = pointers_to(environment);
  Pipe in, to_out, to_err;
  const pid_t parent = ::getpid();
  pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    become(argument_pointers.data(), environment_pointers.data(), options.working_directory.c_str(),
           parent, in.reader.get(), to_out.writer.get(), to_err.writer.get());
  }
  // A pipe takes 64 KiB at once, so this cannot block; a child that ends early is no error here.
  if (!options.input.empty()) {
    struct sigaction ignore {
    }, before{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before);
    const auto written = ::write(in.writer.get(), options.input.data(), options.input.size());
    ::sigaction(SIGPIPE, &before, nullptr);
    if (written < 0 && errno != EPIPE) {
      throw std::system_error(errno, std::generic_category(), "write to a child");
    }
  }
  out.pipe = std::move(to_out.reader);
  err.pipe = std::move(to_err.reader);
  out.open = options.read_out;
  err.open = options.read_err;
  to_out.writer.reset();
  to_err.writer.reset();
  reader = std::thread([this] { read_streams(); });
}

Child::Impl::~Impl() {
  if (!reap()) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  wake.writer.reset();
  reader.join();
}

/// Whether the stream is still open after taking a piece.
bool Child::Impl::read_some(Stream& stream) {
  std::array<char, 65536> buffer;
  const auto count = ::read(stream.pipe.get(), buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  const std::lock_guard lock(mutex);
  stream.open = count > 0;
  if (count > 0 && stream.text.size() < kMostKept) {
    stream.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  changed.notify_all();
  return stream.open;
}

void Child::Impl::read_streams() {
  bool out_open = out.open, err_open = err.open;
  while (out_open || err_open) {
    std::array<pollfd, 3> waits{pollfd{wake.reader.get(), POLLIN, 0},
                                pollfd{out_open ? out.pipe.get() : -1, POLLIN, 0},
                                pollfd{err_open ? err.pipe.get() : -1, POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) out_open = read_some(out);
    if (waits[2].revents != 0) err_open = read_some(err);
    // Only after what was there: a child that was just killed may have left its last words.
    if (waits[0].revents != 0 && waits[1].revents == 0 && waits[2].revents == 0) return;
  }
}

bool Child::Impl::wait_for(const Stream& stream,
                           const std::function<bool(const std::string&)>& holds,
                           std::chrono::milliseconds within) {
  std::unique_lock lock(mutex);
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (true) {
    if (holds(stream.text)) return true;
    if (!stream.open) return false;
    if (changed.wait_until(lock, deadline) == std::cv_status::timeout) return holds(stream.text);
  }
}

bool Child::Impl::reap() {
  if (ending) return true;
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return false;
  ending = Ending{WIFEXITED(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                  WIFSIGNALED(status) ? WTERMSIG(status) : 0};
  return true;
}

std::optional<Ending> Child::Impl::wait(std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  // A process descriptor becomes readable when the process ends.
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  while (!reap()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd wait{process.get(), POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(left.count()) + 1);
  }
  std::unique_lock lock(mutex);
  // A grandchild may hold the pipes open; its output is not waited for beyond the time given.
  changed.wait_until(lock, deadline, [&] { return !out.open && !err.open; });
  return ending;
}

Child::Child(const ChildOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Child::~Child() = default;

pid_t Child::pid() const {
  return impl_->pid;
}

void Child::send_signal(int signal) {
  if (!impl_->reap()) ::kill(impl_->pid, signal);
}

std::optional<Ending> Child::wait(std::chrono::milliseconds within) {
  return impl_->wait(within);
}

bool Child::wait_for_out(const std::function<bool(const std::string&)>& holds,
                         std::chrono::milliseconds within) const {
  return impl_->wait_for(impl_->out, holds, within);
}

bool Child::wait_for_err(const std::function<bool(const std::string&)>& holds,
                         std::chrono::milliseconds within) const {
  return impl_->wait_for(impl_->err, holds, within);
}

std::string Child::out() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->out.text;
}

std::string Child::err() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->err.text;
}

Ran run(const ChildOptions& options, std::chrono::milliseconds within) {
  Child child(options);
  const auto ending = child.wait(within);
  if (!ending) {
    throw std::runtime_error(options.command.front() +
                             " did not end in time; stderr: " + child.err());
  }
  return {*ending, child.out(), child.err()};
}

}  // namespace trainstop::test
