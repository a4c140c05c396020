using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Whatever is sent is read or refused: nothing is thrown, faults lie within the text, and what is read prints and reads back.</summary>
/// <remarks>Recorded documents are cut, repeated, mixed and sprinkled at random. <c>LAUREL_FUZZ_SECONDS</c> says how long (2 by default), and
/// <c>LAUREL_SEED</c> repeats a run: the seed is printed and stands in the message of a failure.</remarks>
public sealed class FuzzedDocumentsTests(ITestOutputHelper output)
{
    private static readonly string[] s_documents =
    [
        .. RecordedData.Cases("parse-cases.json").Concat(RecordedData.Cases("lexer-cases.json")).Select(recorded => RecordedData.StringOf(recorded, "text")),
        RecordedData.Text("kitchen-sink.graphql"),
        RecordedData.Text("kitchen-sink-schema.graphql"),
    ];

    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", "(", ")", "!", "$", "&", "...", ":", "=", "@", "|", "\"", "\"\"\"", "\\\"\"\"", "\\", "\\u", "\\u{", "\\uD83D", "\\uDE00", "#", "\n", "\r", "\r\n",
        "\uFEFF", "\0", "\uD83D", "\uDE00", "-", "0", "1", ".", "e", "on", "fragment", "query", "extend", "type", "schema", "directive", "true", "null", "implements", "repeatable", "FIELD",
    ];

    [Fact]
    public void AreReadOrRefused_When_TheyAreMutated()
    {
        var seed = Number("LAUREL_SEED", RandomNumberGenerator.GetInt32(int.MaxValue));
        var time = TimeSpan.FromSeconds(Number("LAUREL_FUZZ_SECONDS", 2));
        output.WriteLine($"LAUREL_SEED={seed}");
        var random = new Random(seed);
        var limits = new ParseLimits { TokensMax = 5_000, DepthMax = 30 };
        var watch = Stopwatch.StartNew();
        var (read, refused) = (0, 0);

        while (watch.Elapsed < time)
        {
            var text = Mutated(random);
            try
            {
                if (Check(text, limits))
                {
                    read++;
                }
                else
                {
                    refused++;
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"LAUREL_SEED={seed}, document {read + refused}: {Escaped(text)}", exception);
            }
        }

        output.WriteLine($"{read} read, {refused} refused.");
        read.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    private static bool Check(string text, ParseLimits limits)
    {
        var source = new Source(text);
        var result = Parser.Parse(source, limits);
        if (result.Error is { } error)
        {
            error.Offset.ShouldBeInRange(0, text.Length);
            error.Position.Line.ShouldBeGreaterThanOrEqualTo(1);
            error.Message.ShouldStartWith("Syntax Error: ");
            return false;
        }

        // An indented block string may be a longer text, but what is printed has neither more tokens nor more levels.
        var printed = Printer.Print(result.Node!);
        var again = Parser.Parse(new(printed), limits);
        again.Error.ShouldBeNull(printed);
        Trees.Outline(again.Node!).ShouldBe(Trees.Outline(result.Node!));
        Printer.Print(again.Node!).ShouldBe(printed);
        return true;
    }

    private static string Mutated(Random random)
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

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    private static string Escaped(string text) =>
        string.Concat(text.Select(character => character is >= ' ' and <= '~' ? character.ToString() : $"\\u{(int)character:X4}"));
}
