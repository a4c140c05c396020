using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Laurel.Bench.Servers;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Types;
using Laurel.GraphQL.Validation;

namespace Laurel.Bench.Measures;

/// <summary>What the GraphQL engine costs without a server around it: reading and checking a document of two kilobytes, finding it again, and
/// answering an object of twenty fields and a list of a hundred, each beside the same JSON written by hand.</summary>
internal sealed class GraphQLBench(bool quick, BenchProgress progress)
{
    private const int Rounds = 9;
    private const int ListItems = 100;

    // The runtime compiles a method for good when it was called often, and no sooner than it has been quiet for a tenth of a second.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    private readonly Person[] _people = [.. Enumerable.Range(0, ListItems).Select(static n => new Person(n))];
    private readonly TimeSpan _round = TimeSpan.FromMilliseconds(quick ? 50 : 500);
    private readonly MemoryStream _answer = new();
    private readonly Dictionary<string, object> _raw = [];

    public async Task<BenchReport> RunAsync()
    {
        var step = progress.Begin("GraphQL", 3);
        var executable = Bind();
        var service = new GraphQLService(executable, new());
        var fields = string.Join(' ', Person.Names);
        var text = LongText(fields);
        var (parse, validate) = Check(executable.Schema, text);
        Measure[] measures =
        [
            Ratio(MeasureTargets.GraphQLCached, Found(service, text), "found again", ("parsed", parse), ("checked", validate)),
            await AnsweredAsync(MeasureTargets.GraphQLObject, service, $"{{ member {{ {fields} }} }}", isList: false),
            await AnsweredAsync(MeasureTargets.GraphQLList, service, $"{{ members {{ {fields} }} }}", isList: true),
        ];
        step.Done();
        return new BenchReport(measures, _raw);
    }

    private ExecutableSchema Bind()
    {
        var parsed = Parser.Parse(new("type Query { member: Member! members: [Member!]! } " + Person.Sdl), ParseLimits.Schema);
        var schema = SchemaBuilder.Build([parsed.Node!], ImmutableDictionary<string, ScalarCoercion>.Empty).Schema!;
        var bound = ExecutableSchema.Bind(
            schema,
            (_, field) => field.Name switch
            {
                "member" => FieldBinding.Reading(_ => _people[0]),
                "members" => FieldBinding.Reading(_ => _people),
                _ => Person.Bind(field.Name),
            },
            static _ => null);
        return bound.Schema ?? throw new BenchException(bound.Errors[0].Message);
    }

    /// <summary>Two kilobytes: two hundred fields, two fragments, aliases, a variable.</summary>
    private static string LongText(string fields) =>
        "query Page($named: Boolean! = true) { member { ...Whole again: name @include(if: $named) } "
        + string.Concat(Enumerable.Range(1, 8).Select(n => $"of{n}: member {{ {fields} }} "))
        + $"all: members {{ ...Whole ... on Member {{ ...Short }} }} }} fragment Whole on Member {{ {fields} ...Short }} fragment Short on Member {{ {fields} }}";

    private (double[] Parse, double[] Validate) Check(Schema schema, string text)
    {
        var source = new Source(text);
        var document = Parser.Parse(source, ParseLimits.Request).Node ?? throw new BenchException("The document cannot be read.");
        var errors = DocumentValidator.Validate(schema, document, ValidationLimits.Request);
        if (!errors.IsEmpty)
        {
            throw new BenchException(errors[0].Message);
        }

        return (
            Timed(() => Parser.Parse(source, ParseLimits.Request).Succeeded),
            Timed(() => DocumentValidator.Validate(schema, document, ValidationLimits.Request).IsEmpty));
    }

    /// <summary>Another string with the same text, as each request brings one.</summary>
    private double[] Found(GraphQLService service, string text)
    {
        service.Prepare(new() { Query = text });
        var request = new GraphQLRequest { Query = new string(text.AsSpan()) };
        return Timed(() => service.Prepare(request).Succeeded);
    }

    private async Task<Measure> AnsweredAsync(string name, GraphQLService service, string text, bool isList)
    {
        var request = new GraphQLRequest { Query = text };
        var answer = await service.ExecuteAsync(service.Prepare(request).Operation!, new(), CancellationToken.None);
        var writer = new Utf8JsonWriter(_answer);
        Write(() => answer.WriteTo(writer), writer);
        var ours = _answer.ToArray();
        Write(() => Person.Write(writer, _people, isList), writer);
        if (!ours.AsSpan().SequenceEqual(_answer.ToArray()))
        {
            throw new BenchException($"{text} is not answered as it should be.");
        }

        var operation = service.Prepare(request).Operation!;
        var scope = new ExecutionScope();
        var before = GC.GetAllocatedBytesForCurrentThread();
        await service.ExecuteAsync(operation, scope, CancellationToken.None);
        _raw[name + "/bytes"] = GC.GetAllocatedBytesForCurrentThread() - before;
        var timed = Timed(() =>
        {
            var execution = service.ExecuteAsync(operation, scope, CancellationToken.None);
            var result = execution.IsCompletedSuccessfully ? execution.Result : throw new BenchException("Reading takes no time to wait for.");
            return Write(() => result.WriteTo(writer), writer);
        });
        var byHand = Timed(() => Write(() => Person.Write(writer, _people, isList), writer));
        return Ratio(name, timed, "answered", ("by hand", byHand));
    }

    private bool Write(Action write, Utf8JsonWriter writer)
    {
        _answer.SetLength(0);
        writer.Reset(_answer);
        write();
        writer.Flush();
        return _answer.Length > 0;
    }

    private Measure Ratio(string name, double[] ours, string what, params ReadOnlySpan<(string What, double[] Microseconds)> others)
    {
        var (note, sum) = (Note(what, ours) + " over", 0.0);
        foreach (var (other, microseconds) in others)
        {
            note += " " + Note(other, microseconds);
            sum += Median(microseconds);
            _raw[$"{name}/{other}"] = microseconds;
        }

        _raw[$"{name}/{what}"] = ours;
        return Measure.Of(name, Median(ours) / sum, note);

        static string Note(string what, double[] microseconds) =>
            string.Create(CultureInfo.InvariantCulture, $"{Median(microseconds):0.00} µs {what}");
    }

    /// <summary>Microseconds for one call, by round.</summary>
    private double[] Timed(Func<bool> work)
    {
        Repeat(work, s_warmUp);
        return [.. Enumerable.Range(0, Rounds).Select(_ => Repeat(work, _round))];
    }

    private static double Repeat(Func<bool> work, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var calls = 0;
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            for (var call = 0; call < 16; call++)
            {
                if (!work())
                {
                    throw new BenchException("What is measured does not work.");
                }
            }

            calls += 16;
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / calls;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Twenty fields of the kinds that members have.</summary>
    private sealed class Person(int number)
    {
        private static readonly string[] s_texts = ["id", "username", "email", "phone", "name", "avatar", "status", "created"];
        private static readonly string[] s_numbers = ["points", "orders", "visits", "coupons", "badges", "rank", "age", "streak"];
        private static readonly string[] s_amounts = ["balance", "spent"];
        private static readonly string[] s_answers = ["verified", "subscribed"];

        private static readonly JsonEncodedText[] s_encodedTexts = Array.ConvertAll(s_texts, static name => JsonEncodedText.Encode(name));
        private static readonly JsonEncodedText[] s_encodedNumbers = Array.ConvertAll(s_numbers, static name => JsonEncodedText.Encode(name));
        private static readonly JsonEncodedText[] s_encodedAmounts = Array.ConvertAll(s_amounts, static name => JsonEncodedText.Encode(name));
        private static readonly JsonEncodedText[] s_encodedAnswers = Array.ConvertAll(s_answers, static name => JsonEncodedText.Encode(name));

        private readonly string _text = $"member number {number}";
        private readonly int _number = number * 100;
        private readonly double _amount = number / 4.0;
        private readonly bool _answer = number % 2 == 0;

        public static IEnumerable<string> Names => [.. s_texts, .. s_numbers, .. s_amounts, .. s_answers];

        public static string Sdl =>
            $"type Member {{ {string.Join(' ', s_texts.Select(static name => name + ": String!"))} {string.Join(' ', s_numbers.Select(static name => name + ": Int!"))} "
            + $"{string.Join(' ', s_amounts.Select(static name => name + ": Float!"))} {string.Join(' ', s_answers.Select(static name => name + ": Boolean!"))} }}";

        public static FieldBinding Bind(string name) => true switch
        {
            _ when s_texts.Contains(name) => FieldBinding.Reading(static person => ((Person)person)._text),
            _ when s_numbers.Contains(name) => FieldBinding.Reading(static person => ((Person)person)._number),
            _ when s_amounts.Contains(name) => FieldBinding.Reading(static person => ((Person)person)._amount),
            _ => FieldBinding.Reading(static person => ((Person)person)._answer),
        };

        /// <summary>The answer as a programme for nothing else would write it.</summary>
        public static void Write(Utf8JsonWriter writer, Person[] people, bool isList)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("data");
            if (isList)
            {
                writer.WriteStartArray("members");
                foreach (var person in people)
                {
                    writer.WriteStartObject();
                    person.WriteFields(writer);
                }

                writer.WriteEndArray();
            }
            else
            {
                writer.WriteStartObject("member");
                people[0].WriteFields(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        private void WriteFields(Utf8JsonWriter writer)
        {
            foreach (var name in s_encodedTexts)
            {
                writer.WriteString(name, _text);
            }

            foreach (var name in s_encodedNumbers)
            {
                writer.WriteNumber(name, _number);
            }

            foreach (var name in s_encodedAmounts)
            {
                writer.WriteNumber(name, _amount);
            }

            foreach (var name in s_encodedAnswers)
            {
                writer.WriteBoolean(name, _answer);
            }

            writer.WriteEndObject();
        }
    }
}
