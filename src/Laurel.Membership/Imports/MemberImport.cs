using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Imports;

/// <summary>Enrols the members of a file. Each row is one registration with its profile, done as a whole or not at all, and known by its external id:
/// a file that is sent again goes on where it broke off.</summary>
public sealed class MemberImport(Database database, LaneSet lanes, MemberBooks books, PersonalDataVault vault, ProgrammeStore programmes, TimeProvider clock)
{
    /// <summary>Rows of one file.</summary>
    public const int RowsMax = 10_000;

    /// <summary>Errors that are told of one file.</summary>
    public const int ErrorsMax = 1_000;

    private const int KeysOfQuestion = 512;

    private static readonly SetStatement<Hash128> s_findHandles =
        Statements.Find("n.key_hash", "natural_keys n", "", Column<Hash128>.Hash("key_hash", hash => hash));

    private static readonly BodyRules s_row = new() { Hashed = false };

    private static readonly Wording s_object = new("a JSON object", "一个 JSON 对象");

    private sealed record GoodRow(int Line, RegisterRequest Request, bool IsComplete);

    /// <param name="rows">At most <see cref="RowsMax"/>.</param>
    /// <param name="dryRun">Looks at everything and changes nothing.</param>
    /// <param name="language">Of what is said of errors.</param>
    public async Task<MemberImportReply> RunAsync(
        TenantId tenant, IReadOnlyCollection<ImportedRow> rows, bool dryRun, Language language, CancellationToken cancellationToken)
    {
        Invariant.Require(rows.Count <= RowsMax, "A file of members is bounded.");
        var report = new Report(language);
        var good = Read(await programmes.LatestAsync(tenant, cancellationToken), rows, report);
        if (dryRun)
        {
            report.Existing = await CountExistingAsync(tenant, good, cancellationToken);
            report.Created = good.Count - report.Existing;
        }
        else
        {
            await EnrolAsync(tenant, good, report, cancellationToken);
        }

        return report.Close(dryRun, rows.Count);
    }

    private List<GoodRow> Read(ActiveProgramme programme, IReadOnlyCollection<ImportedRow> rows, Report report)
    {
        var now = Instant.Now(clock);
        var reading = new RowReading(programme, now);
        var good = new List<GoodRow>(rows.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var (item, failure) = Read(row, reading);
            if (failure is not null)
            {
                report.Reject(row.Line, failure);
            }
            else if (MemberCommand.TimeRefusal(item!.Request.RegisteredAt, now, programme) is { } refusal)
            {
                report.Reject(row.Line, refusal with { Pointer = "/registeredAt" }, retryable: false);
            }
            else if (!seen.Add(item.Request.ExternalId))
            {
                report.Reject(row.Line, Of(new FieldError(FieldErrorCode.NotUnique, FieldOrigin.Body, "/externalId", ("value", item.Request.ExternalId))));
            }
            else
            {
                good.Add(item);
            }
        }

        return good;
    }

    private static (GoodRow? Row, RequestFailure? Failure) Read(ImportedRow row, RowReading reading)
    {
        if (row.Fault is not null)
        {
            return (null, Of(row.Fault));
        }

        if (row.Json.Span.TrimStart(" \t"u8) is not [(byte)'{', ..])
        {
            return (null, Of(new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Body, "", ("expected", s_object))));
        }

        var read = JsonBody.ReadItems(row.Json, s_row, countMax: 1, reading.Read);
        return (read.Failure ?? read.Value[0].Failure) is { } failure ? (null, failure) : (read.Value[0].Value with { Line = row.Line }, null);
    }

    private static RequestFailure Of(FieldError fault) => RequestFailure.Of([fault]);

    private async Task<int> CountExistingAsync(TenantId tenant, List<GoodRow> rows, CancellationToken cancellationToken)
    {
        var found = 0;
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("members.import");
        foreach (var block in rows.Chunk(KeysOfQuestion))
        {
            var script = new SqlScript();
            script.Add(s_findHandles, [.. block.Select(row => MemberKind.HandleOf(tenant, row.Request.ExternalId))], _ => found++);
            await session.RunAsync(script, cancellationToken);
        }

        return found;
    }

    private async Task EnrolAsync(TenantId tenant, List<GoodRow> rows, Report report, CancellationToken cancellationToken)
    {
        var complete = new List<MemberId>();
        void Note(int place, Outcome outcome)
        {
            var row = rows[place];
            switch (outcome)
            {
                case Outcome.Applied { Reply: MemberReply reply }:
                    report.Created++;
                    if (row.IsComplete)
                    {
                        complete.Add(new MemberId(long.Parse(reply.Id, System.Globalization.CultureInfo.InvariantCulture)));
                    }

                    break;
                case Outcome.Refused { Refusal.Code: ErrorCode.MemberExists }:
                    report.Existing++;
                    break;
                case Outcome.Refused refused:
                    report.Reject(row.Line, refused.Refusal, retryable: false);
                    break;
                case Outcome.Failed failed:
                    report.Reject(row.Line, failed.Refusal, failed.Retryable);
                    break;
                default:
                    throw new InvariantBrokenException("A row of a file carries no idempotency key.");
            }
        }

        await lanes.SubmitManyAsync(rows.Select(row => new RegisterMember(tenant, row.Request, books, vault)), Sweep.MembersInFlight, Note, cancellationToken);

        // At once, where nothing breaks off: otherwise the job tells it.
        await lanes.SubmitManyAsync(complete.Select(id => ProfileCompletions.Of(tenant, id, books)), Sweep.MembersInFlight, cancellationToken);
    }

    /// <summary>Reads a row as the doors of members read their bodies.</summary>
    private sealed class RowReading(ActiveProgramme programme, Instant now)
    {
        private static readonly string[] s_notOfRows = ["clear", GuardianConsent.Field];

        private readonly DateOnly _today = programme.Calendar.DayOf(now);
        private readonly ProfileRules _rules = programme.Programme.Profile;

        public GoodRow Read(JsonFields fields)
        {
            var externalId = fields.Identifier("externalId", RegisterMemberBody.ExternalIdLengthMax);
            var registeredAt = fields.TimeOrNull("registeredAt") ?? now;
            var verified = fields.Flag("realNameVerified", byDefault: false);
            foreach (var name in s_notOfRows.Where(fields.Has))
            {
                fields.Fail(name, FieldErrorCode.UnknownField);
            }

            var told = new ProfileReading(_rules, isStaff: true, mayVouch: false, _today, actor: "").Read(fields);
            if (told.Birthday is { } bornOn && _rules.NeedsGuardian(bornOn, _today))
            {
                fields.Fail("birthday", FieldErrorCode.GuardianNeeded);
            }

            var profile = told.ApplyTo(MemberProfile.Empty, _today);
            var request = new RegisterRequest
            {
                ExternalId = externalId,
                Nickname = told.Nickname,
                Phone = told.Phone,
                Email = told.Email,
                RegisteredAt = registeredAt,
                RealNameVerified = verified,
                Profile = TellsProfile(told) ? profile : null,
            };
            var isComplete = _rules.IsComplete(profile, told.Nickname is not null, told.Phone is not null, told.Email is not null);
            return new GoodRow(0, request, isComplete);
        }

        private static bool TellsProfile(ProfileChange told) =>
            told is not { RealName: null, Gender: null, Birthday: null, Avatar: null, Searchable: null, ShowBirthday: null, Attributes.Count: 0 };
    }

    private sealed class Report(Language language)
    {
        private readonly List<MemberImportError> _errors = [];
        private int _failed;
        private int _omitted;

        public int Created { get; set; }

        public int Existing { get; set; }

        public void Reject(int line, RequestFailure failure)
        {
            if (failure.Errors.Count == 0)
            {
                Reject(line, failure.Refusal, retryable: false);
                return;
            }

            _failed++;
            foreach (var fault in failure.Errors)
            {
                Add(line, fault.Location, fault.Code, fault.Detail(language), retryable: false);
            }
        }

        public void Reject(int line, Refusal refusal, bool retryable)
        {
            _failed++;
            Add(line, refusal.Pointer ?? "", refusal.Code, ErrorCatalog.Get(refusal.Code).Detail(language, refusal.Values), retryable);
        }

        public MemberImportReply Close(bool dryRun, int rows) => new()
        {
            DryRun = dryRun,
            Rows = rows,
            Created = Created,
            Existing = Existing,
            Failed = _failed,
            Errors = [.. _errors.OrderBy(error => error.Line)],
            ErrorsOmitted = _omitted,
        };

        private void Add(int line, string pointer, string code, string detail, bool retryable)
        {
            if (_errors.Count == ErrorsMax)
            {
                _omitted++;
                return;
            }

            var column = pointer.TrimStart('/').Replace('/', '.');
            _errors.Add(new MemberImportError { Line = line, Column = column, Code = code, Detail = detail, Retryable = retryable });
        }
    }
}
