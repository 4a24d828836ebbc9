#include "notify/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "model/descriptor.hpp"

namespace trainstop::notify {

namespace {

/// A file in memory, so that a program that reads slowly or not at all holds up nobody.
int input_file(const std::string& input) {
  const int file = ::memfd_create("trainstop-notify", MFD_CLOEXEC);
  if (file < 0) return -1;
  for (std::size_t at = 0; at < input.size();) {
    const ssize_t count = ::write(file, input.data() + at, input.size() - at);
    if (count < 0 && errno != EINTR) {
      ::close(file);
      return -1;
    }
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

/// What the child is given: three streams, no signal ignored or blocked, a group of its own.
class Setting {
 public:
  Setting(int in, int err) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, in, STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    // Sockets are not all made close-on-exec.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  ~Setting() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Spawned none(int error) {
  Spawned spawned;
  spawned.problem = std::strerror(error);
  return spawned;
}

}  // namespace

Spawned spawn(const std::vector<std::string>& command, const std::string& input,
              const std::string& path) {
  std::array<int, 2> pipe{-1, -1};
  const Descriptor in(input_file(input));
  if (in.number() < 0 || ::pipe2(pipe.data(), O_CLOEXEC) != 0) return none(errno);
  Descriptor read_end(pipe[0]);
  const Descriptor write_end(pipe[1]);
  ::fcntl(read_end.number(), F_SETFL, O_NONBLOCK);

  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::string variable = "PATH=" + path;
  std::array<char*, 2> environment{variable.data(), nullptr};

  const Setting setting(in.number(), write_end.number());
  Spawned spawned;
  const int error = ::posix_spawn(&spawned.pid, arguments[0], setting.actions(),
                                  setting.attributes(), arguments.data(), environment.data());
  if (error != 0) return none(error);
  spawned.handle = static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0));
  if (spawned.handle < 0) {
    const int why = errno;
    ::kill(-spawned.pid, SIGKILL);
    ::waitpid(spawned.pid, nullptr, 0);
    return none(why);
  }
  spawned.complaints = read_end.release();
  return spawned;
}

}  // namespace trainstop::notify
