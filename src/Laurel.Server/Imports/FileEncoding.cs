using System.Buffers;
using System.Text;

namespace Laurel.Server.Imports;

/// <summary>Tells UTF-8 from what Chinese spreadsheets write.</summary>
internal static class FileEncoding
{
    /// <summary>Whether a file is UTF-8, whole, damaged or cut off. It is GB18030 where more of what is no ASCII does not agree with UTF-8 than does: of
    /// Chinese text in GB18030 that is four characters out of five.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Encoding.UTF8.Preamble))
        {
            return true;
        }

        var (agrees, differs) = (0L, 0L);
        while (file.IndexOfAnyExceptInRange((byte)0, (byte)0x7F) is >= 0 and var next)
        {
            file = file[next..];
            var status = Rune.DecodeFromUtf8(file, out _, out var length);
            if (status == OperationStatus.NeedMoreData)
            {
                // Cut within a character, and that says nothing of the rest.
                break;
            }

            (agrees, differs) = status == OperationStatus.Done ? (agrees + length, differs) : (agrees, differs + length);
            file = file[length..];
        }

        return differs == 0 || agrees > differs;
    }
}
