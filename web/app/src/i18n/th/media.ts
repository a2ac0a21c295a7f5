import type { Catalogue } from '../en';

export const media: Catalogue['media'] = {
  picture: (name) => `รูปภาพ: ${name}`,
  video: (name) => `วิดีโอ: ${name}`,
  open: (what) => `${what} เปิดดู`,
  openMore: (what, more) => `${what} เปิดดู และอีก ${more} รายการ`,
  broken: 'โหลดไม่สำเร็จ',
  unplayable: 'เบราว์เซอร์นี้เล่นไม่ได้',
  download: (name) => `ดาวน์โหลด ${name}`,
  notDownloaded: (name) => `ดาวน์โหลด ${name} ไม่สำเร็จ โปรดตรวจการเชื่อมต่อแล้วลองอีกครั้ง`,
  upload: {
    progress: (name) => `กำลังอัปโหลด ${name}`,
    waiting: (name) => `${name} รออัปโหลด`,
    cancel: 'ยกเลิกการส่ง',
  },
  sound: {
    voice: 'ข้อความเสียง',
    play: (name) => `เล่น ${name}`,
    pause: (name) => `หยุด ${name} ชั่วคราว`,
    position: (name) => `ตำแหน่งใน ${name}`,
    at: (now, whole) => `${now} จาก ${whole}`,
    speed: (factor) => `ความเร็ว ${factor}`,
  },
  lightbox: {
    title: 'รูปภาพและวิดีโอ',
    place: (place, count) => `${place} จาก ${count}`,
    next: 'ถัดไป',
    previous: 'ก่อนหน้า',
    zoomIn: 'ขยาย',
    zoomOut: 'ย่อ',
  },
  galleries: {
    title: 'สิ่งที่แชร์กัน',
    media: 'สื่อ',
    files: 'ไฟล์',
    links: 'ลิงก์',
    jump: 'แสดงในบทสนทนา',
    more: 'แสดงรายการที่เก่ากว่า',
    loading: 'กำลังโหลดสิ่งที่แชร์กัน',
    empty: {
      media: { title: 'ยังไม่มีรูปภาพหรือวิดีโอ', hint: 'รูปและวิดีโอที่ส่งหากันจะรวมอยู่ที่นี่' },
      files: { title: 'ยังไม่มีไฟล์', hint: 'เอกสาร ไฟล์บีบอัด และข้อความเสียงจะรวมอยู่ที่นี่' },
      links: { title: 'ยังไม่มีลิงก์', hint: 'ลิงก์จากข้อความจะรวมอยู่ที่นี่' },
    },
    blocked: { title: 'ดูไม่ได้', hint: 'ดูสิ่งที่แชร์กันไม่ได้ขณะที่บุคคลนี้บล็อกคุณอยู่' },
    failed: { title: 'โหลดไม่สำเร็จ', hint: 'โปรดตรวจการเชื่อมต่อแล้วลองอีกครั้ง' },
  },
};
