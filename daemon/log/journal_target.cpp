#include "log/journal_target.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "log/escape.hpp"
#include "log/json.hpp"
#include "log/sink.hpp"

namespace trainstop::log {

namespace {

/// syslog(3)'s numbers.
int priority_of(Level level) {
  switch (level) {
    case Level::debug:
      return 7;
    case Level::info:
      return 6;
    case Level::warning:
      return 4;
    case Level::error:
      return 3;
  }
  return 3;
}

/// The name in capitals, of letters, digits and underscores, as the journal takes it.
std::string field_name(std::string_view key) {
  constexpr std::size_t kLongestName = 64;
  std::string name = "TRAINSTOP_";
  for (const char c : key.substr(0, kLongestName - name.size())) {
    const bool small = c >= 'a' && c <= 'z';
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += small ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_';
  }
  return name;
}

/// Text that holds an end of line is told with its length before it.
void append_field(std::string& entry, std::string_view name, std::string_view value) {
  entry += name;
  if (value.find('\n') == std::string_view::npos) {
    entry += '=';
  } else {
    entry += '\n';
    for (std::uint64_t size = value.size(), i = 0; i < 8; ++i, size >>= 8)
      entry += static_cast<char>(size & 0xFF);
  }
  entry += value;
  entry += '\n';
}

std::string text_of(const Value& value) {
  // As it is, for exact matches; cut between two characters, or the journal takes it for no text at
  // all.
  if (const auto* const text = std::get_if<std::string>(&value.data)) {
    std::size_t length = std::min(text->size(), kLongestText);
    while (length < text->size() && length > 0 &&
           (static_cast<unsigned char>((*text)[length]) & 0xC0U) == 0x80U)
      --length;
    return text->substr(0, length);
  }
  if (const auto* const instant = std::get_if<Instant>(&value.data))
    return format_rfc3339(*instant);
  std::string json;
  append_json(json, value, kLongestText);
  return json;
}

/// An entry that no datagram holds goes as a sealed file.
bool send_as_file(int socket, std::string_view entry) {
  const Descriptor owner(::memfd_create("trainstop-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const int file = owner.number();
  bool whole = file >= 0;
  for (std::string_view rest = entry; whole && !rest.empty();) {
    const ssize_t written = ::write(file, rest.data(), rest.size());
    whole = written > 0;
    if (whole) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  whole = whole &&
          ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof file)> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(header), &file, sizeof file);
  return whole && ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

}  // namespace

bool stderr_is_the_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");  // DEVICE:INODE
  struct stat about {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &about) != 0) return false;
  return fmt::format("{}:{}", about.st_dev, about.st_ino) == stream;
}

JournalTarget::JournalTarget(std::string socket) : socket_(std::move(socket)) {
  connect();
}

void JournalTarget::connect() {
  connection_.emplace(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof address.sun_path - 1);
  // The socket's family of functions takes any kind of address by this cast.
  if (::connect(connection_->number(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0)
    connection_.reset();
}

std::string JournalTarget::render(const Event& event, std::uint64_t seq, Format format) const {
  std::string entry;
  append_field(entry, "MESSAGE", format_line(event, seq, format));
  append_field(entry, "PRIORITY", std::to_string(priority_of(event.level)));
  append_field(entry, "SYSLOG_IDENTIFIER", "trainstop");
  append_field(entry, "TRAINSTOP_EVENT", event.name);
  append_field(entry, "TRAINSTOP_SEQ", std::to_string(seq));
  for (const auto& [key, value] : event.fields) {
    if (is_known(value)) append_field(entry, field_name(key), text_of(value));
  }
  return entry;
}

Result<void> JournalTarget::reopen() {
  connect();
  return {};
}

bool JournalTarget::write(std::string_view rendered) {
  // The second time with a socket of its own: the journal may have been started anew.
  for (const bool last : {false, true}) {
    while (connection_ && wait_until_writable(connection_->number())) {
      if (::send(connection_->number(), rendered.data(), rendered.size(),
                 MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
      if (errno == EMSGSIZE || errno == ENOBUFS)
        return send_as_file(connection_->number(), rendered);
      if (errno != EINTR && errno != EAGAIN) break;
    }
    if (!last) connect();
  }
  return false;
}

}  // namespace trainstop::log
