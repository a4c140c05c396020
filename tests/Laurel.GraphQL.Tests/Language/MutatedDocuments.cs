using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Recorded documents, cut, repeated, mixed and sprinkled at random.</summary>
internal static class MutatedDocuments
{
    private static readonly string[] s_documents =
    [
        .. RecordedData.Cases("parse-cases.json").Concat(RecordedData.Cases("lexer-cases.json")).Select(recorded => RecordedData.StringOf(recorded, "text")),
        RecordedData.Text("kitchen-sink.graphql"),
        RecordedData.Text("kitchen-sink-schema.graphql"),
    ];

    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", "(", ")", "!", "$", "&", "...", ":", "=", "@", "|", "\"", "\"\"\"", "\\\"\"\"", "\\", "\\u", "\\u{", "\\uD83D", "\\uDE00",
        "#", "\n", "\r", "\r\n", "\uFEFF", "\0", "\uD83D", "\uDE00", "-", "0", "1", ".", "e", "on",
        "fragment", "query", "extend", "type", "schema", "directive", "true", "null", "implements", "repeatable", "FIELD",
    ];

    /// <summary>A new seed, or the one that <c>LAUREL_SEED</c> names; it is printed.</summary>
    public static (int Seed, Random Random) Chance(ITestOutputHelper output)
    {
        var seed = Number("LAUREL_SEED", RandomNumberGenerator.GetInt32(int.MaxValue));
        output.WriteLine($"LAUREL_SEED={seed}");
        return (seed, new(seed));
    }

    public static string Next(Random random)
    {
        var text = new StringBuilder(s_documents[random.Next(s_documents.Length)]);
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 12), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 2:
                    text.Insert(at, text.ToString(at, length), random.Next(1, 40));
                    break;
                case 3:
                    var other = s_documents[random.Next(s_documents.Length)];
                    var start = random.Next(other.Length + 1);
                    text.Insert(at, other.AsSpan(start, Math.Min(random.Next(1, 60), other.Length - start)));
                    break;
                default:
                    text.Remove(at, length).Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    public static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public static string Escaped(string text) =>
        string.Concat(text.Select(character => character is >= ' ' and <= '~' ? character.ToString() : $"\\u{(int)character:X4}"));
}
