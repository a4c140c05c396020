using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Membership.Finance;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership;

/// <summary>How answers are written: compiled, camelCase, exact integers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MemberReply))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(PostingReply))]
[JsonSerializable(typeof(HoldReply))]
[JsonSerializable(typeof(TransferReply))]
[JsonSerializable(typeof(IReadOnlyList<EntryReply>))]
[JsonSerializable(typeof(PointsRecordPage))]
[JsonSerializable(typeof(MemberPoints))]
[JsonSerializable(typeof(LevelList))]
[JsonSerializable(typeof(MemberLevel))]
[JsonSerializable(typeof(LevelHistory))]
[JsonSerializable(typeof(PointsSummary))]
[JsonSerializable(typeof(RollForward))]
[JsonSerializable(typeof(LiabilityReport))]
[JsonSerializable(typeof(ExpiringReport))]
[JsonSerializable(typeof(ExtensionReport))]
[JsonSerializable(typeof(BreakageCurve))]
[JsonSerializable(typeof(DeferralReport))]
[JsonSerializable(typeof(FinanceJournal))]
public sealed partial class MembershipJson : JsonSerializerContext;
