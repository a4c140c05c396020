using System.Diagnostics;
using System.Text;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Whatever is sent is read or refused: nothing is thrown, faults lie within the text, and what is read prints and reads back.</summary>
/// <remarks><c>LAUREL_FUZZ_SECONDS</c> says how long (2 by default), and <c>LAUREL_SEED</c> repeats a run: the seed is printed and stands in the
/// message of a failure.</remarks>
public sealed class FuzzedDocumentsTests(ITestOutputHelper output)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Fact]
    public void AreReadOrRefused_When_TheyAreMutated()
    {
        var (seed, random) = MutatedDocuments.Chance(output);
        var time = TimeSpan.FromSeconds(MutatedDocuments.Number("LAUREL_FUZZ_SECONDS", 2));
        var limits = new ParseLimits { TokensMax = 5_000, DepthMax = 30 };
        var watch = Stopwatch.StartNew();
        var (read, refused) = (0, 0);

        while (watch.Elapsed < time)
        {
            var text = MutatedDocuments.Next(random);
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
                throw new InvalidOperationException($"LAUREL_SEED={seed}, document {read + refused}: {MutatedDocuments.Escaped(text)}", exception);
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
            s_strict.GetByteCount(error.Message).ShouldBeGreaterThan(0); // It throws for half of a surrogate pair.
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
}
